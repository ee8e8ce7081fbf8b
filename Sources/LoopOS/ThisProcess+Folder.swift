internal import Glibc

extension ThisProcess {
    /// The working directory; `/` where it is gone or cannot be told.
    package static var folder: String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }
}
