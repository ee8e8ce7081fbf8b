internal import Glibc

extension ThisProcess {
    /// Ends the process.
    package static func exit(with status: Int32) -> Never { Glibc.exit(status) }
}
