internal import Glibc

extension File {
    /// A path as seen from a folder, where it lies in it; else as it is.
    package static func path(_ path: String, from folder: String) -> String {
        path.hasPrefix("\(folder)/") ? String(path.utf8.dropFirst(folder.utf8.count + 1)) ?? path : path
    }

    /// Whether a folder has certainly no entry of that name: a link that leads nowhere is one.
    package static func isAbsent(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) != 0 && errno == ENOENT
    }

    /// The program of a name in the folders of a `PATH`, as a shell finds it; nil: there is none.
    package static func program(_ name: String, onPath folders: String?) -> String? {
        (folders ?? "").split(separator: ":").lazy.map { "\($0)/\(name)" }
            .first { $0.hasPrefix("/") && canExecute($0) }
    }

    /// The path without links, `.` and `..`, from the root (realpath(3)); what it names must be there.
    package static func absolutePath(_ path: String) throws(SystemFailure) -> String {
        guard let resolved = realpath(path, nil) else {
            throw SystemFailure(call: "realpath", code: errno, context: path)
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
