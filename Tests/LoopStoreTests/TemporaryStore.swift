import Foundation
import LoopModel
import LoopStore

/// A history in a folder of its own that goes with it.
final class TemporaryStore {
    let folder: String
    let path: String
    private(set) var store: HistoryStore
    private(set) var report: OpeningReport
    var options: StoreOptions

    /// The instant and the moment that the store takes for now.
    static let clocks = ClockReading(
        wall: WallTime(nanoseconds: 1_700_000_000_000_000_000),
        monotonic: Instant(nanoseconds: 5_000_000_000)
    )

    init(durability: StoreOptions.Durability = .process, ballastSize: Int = 0) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("loopstore-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        path = folder + "/history.db"
        options = StoreOptions(durability: durability, ballastSize: ballastSize, clocks: { Self.clocks })
        (store, report) = try HistoryStore.open(at: path, options: options)
    }

    deinit {
        try? store.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Closes the history and opens it again, with `meddle` in between.
    func reopen(meddle: () throws -> Void = {}) throws {
        try store.close()
        try meddle()
        (store, report) = try HistoryStore.open(at: path, options: options)
    }

    /// Leaves the history as a killed daemon would, and opens the copy that such a daemon would leave.
    func reopenAfterDeath(meddle: (_ path: String) throws -> Void = { _ in }) throws -> (HistoryStore, OpeningReport) {
        let copy = folder + "/after-death.db"
        for suffix in ["", "-wal", ".mark"] where FileManager.default.fileExists(atPath: path + suffix) {
            try? FileManager.default.removeItem(atPath: copy + suffix)
            try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
        }
        try meddle(copy)
        return try HistoryStore.open(at: copy, options: options)
    }
}
