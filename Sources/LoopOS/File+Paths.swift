internal import Glibc

extension File {
    /// The path without links, `.` and `..`, from the root (realpath(3)); what it names must be there.
    package static func absolutePath(_ path: String) throws(SystemFailure) -> String {
        guard let resolved = realpath(path, nil) else {
            throw SystemFailure(call: "realpath", code: errno, context: path)
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
