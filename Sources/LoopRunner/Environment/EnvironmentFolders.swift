internal import LoopModel
internal import LoopOS
internal import NIOCore

/// The folders of environments, which are made while nobody waits for them as far as that can be.
///
/// To make one takes most of a millisecond on ext4. Those that were made ahead have their names already, which the
/// environments take that get them: nothing has to be renamed.
///
/// Safety: everything happens on the event loop, but for what the helper does to files.
final class EnvironmentFolders: @unchecked Sendable {
    /// Where the folders are, one for each environment, named by it.
    let folder: String
    /// Where the scratch folders are.
    let scratch: String
    private let eventLoop: any EventLoop
    private let helper: WorkThread
    /// Made, and nobody's yet.
    private var ready: [EnvironmentID] = []
    /// Those that the helper is making.
    private var underWay: [EnvironmentID] = []
    /// How many were wanted since the last were made.
    private var wanted = 0
    private var isClosed = false

    /// How many there are at least, once one was wanted, and at most: each has 64 KB on the disk.
    private static let counts = 4...64
    /// How long after one was taken others are made: it has its invocation answered by then, usually.
    private static let delay = TimeAmount.milliseconds(10)

    /// - Parameters:
    ///   - folder: the daemon's runtime folder.
    ///   - eventLoop: where all methods are called.
    ///   - helper: makes and removes folders.
    init(in folder: String, eventLoop: any EventLoop, helper: WorkThread) {
        self.folder = "\(folder)/environments"
        scratch = "\(folder)/tmp"
        self.eventLoop = eventLoop
        self.helper = helper
    }

    func folder(of environment: EnvironmentID) -> String { "\(folder)/\(environment)" }

    /// Short, because what lies in it may be a socket, whose path has 107 bytes at most.
    func scratch(of environment: EnvironmentID) -> String { "\(scratch)/\(environment.rawValue.prefix(12))" }

    /// The name of an environment to come that has all of ``make(_:scratch:hasJournal:)`` already; nil: there is none.
    func takeReady() -> EnvironmentID? {
        wanted += 1
        if wanted == 1 { eventLoop.scheduleTask(in: Self.delay) { self.refill() } }
        return ready.popLast()
    }

    /// Makes the folders of an environment, and what is in them from the beginning.
    ///
    /// - Parameters:
    ///   - folder: the environment's own; may be there, without a journal.
    ///   - scratch: its `TMPDIR`; may be there.
    ///   - hasJournal: whether there will be a probe.
    /// - Throws: when one of them cannot be made, or there is a journal.
    static func make(_ folder: String, scratch: String, hasJournal: Bool) throws(SystemFailure) {
        try Folder.make(folder)
        try Folder.make(scratch)
        guard hasJournal else { return }
        try File.makeSparse("\(folder)/\(journal)", size: journalSize, begun: journalBegun)
    }

    /// In bytes, of which only those that are written take room.
    static let journalSize = 4 << 20
    /// In bytes: what the events of nearly every invocation fit into.
    private static let journalBegun = 64 << 10
    static let journal = "journal"
    static let stacks = "stacks"

    /// As many as were wanted of late: they are often wanted again.
    private func refill() {
        let missing = min(max(wanted, Self.counts.lowerBound), Self.counts.upperBound) - ready.count - underWay.count
        wanted = 0
        guard !isClosed, missing > 0 else { return }
        let new = (0..<missing).map { _ in EnvironmentID.random() }
        underWay += new
        helper.run { [self] in
            let made = new.filter { id in
                let folder = folder(of: id)
                do throws(SystemFailure) {
                    try Self.make(folder, scratch: scratch(of: id), hasJournal: true)
                    try File.write([], to: "\(folder)/\(Self.stacks)")
                    return true
                } catch {
                    // Who wants one makes it, and tells what is wrong.
                    remove(id)
                    return false
                }
            }
            eventLoop.execute {
                self.underWay.removeAll { new.contains($0) }
                if !self.isClosed { self.ready += made }
            }
        }
    }

    /// Removes those that nobody has taken, and makes no more; they are gone when the helper has come to its end.
    func close() {
        isClosed = true
        let left = ready + underWay
        ready = []
        helper.run { [self] in
            for id in left { remove(id) }
        }
    }

    private func remove(_ id: EnvironmentID) {
        try? Folder.removeAll(folder(of: id))
        try? Folder.removeAll(scratch(of: id))
    }
}
