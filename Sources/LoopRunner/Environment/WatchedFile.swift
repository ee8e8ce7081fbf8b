internal import LoopOS
internal import LoopWire

/// A file, or the names in a folder, as it was when it was loaded.
struct WatchedFile: Hashable, Sendable {
    let path: String
    /// In nanoseconds since 1970-01-01 UTC.
    let modified: Int64
    /// In bytes.
    let size: Int64
    /// The names in it, where it is a folder: one that an import adds there changes nothing.
    private let names: Set<String>?

    init(path: String, modified: Int64, size: Int64) {
        self.path = path
        self.modified = modified
        self.size = size
        names = nil
    }

    /// A file as a worker has loaded it.
    init(_ module: WorkerInfo.LoadedModule) {
        self.init(path: module.path, modified: module.modified, size: module.size)
    }

    /// A file as it is now; nil when there is none.
    init?(now path: String) {
        guard let stamp = FileStamp(path: path) else { return nil }
        self.path = path
        (modified, size) = (stamp.modified, stamp.size)
        names = stamp.isFolder ? Self.names(in: path) : nil
    }

    var isUnchanged: Bool {
        guard let stamp = FileStamp(path: path) else { return false }
        return stamp.modified == modified && stamp.size == size || names != nil && names == Self.names(in: path)
    }

    private static func names(in folder: String) -> Set<String> {
        Set((try? Folder.entries(of: folder)) ?? []).subtracting(["__pycache__"])
    }
}
