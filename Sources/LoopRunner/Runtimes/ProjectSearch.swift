internal import LoopOS

/// The folders of the project that a handler belongs to, and how long that is known to hold.
///
/// A repository ends at its `.git`; without one, the outermost folder with a project's file or the working directory
/// counts. A home folder is no project unless the handler lies right in it.
struct ProjectSearch: Sendable {
    /// What marks the folder of a project.
    private static let marks = [
        "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "template.yaml", "template.yml",
        "serverless.yml",
    ]
    private static let names = [".venv", "venv"]

    /// The innermost first.
    let folders: [String]
    /// Where virtual environments may be, in the order in which they count: entries that are there, whatever they are.
    let environments: [String]
    /// Of all folders that were looked into, as they were; nil: it may not be relied on.
    private let stamps: [String: FileStamp]?

    /// - Parameters:
    ///   - root: the handler's folder, absolute.
    ///   - here: the working directory.
    ///   - home: the user's home folder.
    init(from root: String, here: String, home: String?) {
        let now = WallClock.nanoseconds()
        var (folders, last) = ([String](), 0)
        var stamps: [String: FileStamp]? = [:]
        var folder = root

        /// Whether there is such a file; what is there and cannot be reached may be tomorrow, with no trace here.
        func has(_ name: String) -> Bool {
            let path = "\(folder)/\(name)"
            if FileStamp(path: path) != nil { return true }
            if !File.isAbsent(path) { stamps = nil }
            return false
        }

        while !folder.isEmpty {
            if folder == home, !folders.isEmpty { break }
            if let stamp = FileStamp(path: folder), now - stamp.modified > Self.granularity {
                stamps?[folder] = stamp
            } else {
                stamps = nil
            }
            folders.append(folder)
            if has(".git") {
                last = folders.count - 1
                break
            }
            if folder == here || Self.marks.contains(where: has) { last = folders.count - 1 }
            folder = String(folder[..<(folder.lastIndex(of: "/") ?? folder.startIndex)])
        }
        self.folders = Array(folders.prefix(last + 1))
        environments = self.folders.flatMap { folder in Self.names.map { "\(folder)/\($0)" } }
            .filter { !File.isAbsent($0) }
        self.stamps = stamps
    }

    /// In nanoseconds: two changes of a folder that are less apart may leave the same time in it (FAT: 2 s).
    private static let granularity: Int64 = 2_000_000_000

    /// Whether it would end the same now: whoever adds, removes or renames something in a folder changes its time.
    var holds: Bool { stamps?.allSatisfy { FileStamp(path: $0.key) == $0.value } ?? false }
}
