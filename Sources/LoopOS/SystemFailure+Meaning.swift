internal import Glibc

extension SystemFailure {
    /// What the system says of it, such as `No such file or directory`.
    package var reason: String { String(cString: strerror(code)) }

    /// Whether the reader of a pipe or socket is gone.
    package var isBrokenPipe: Bool { code == EPIPE }
}
