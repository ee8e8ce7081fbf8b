internal import CLoopOS
internal import Glibc

/// The descriptors 0, 1 and 2.
package enum StandardStreams {
    package static let input: Int32 = 0
    package static let output: Int32 = 1
    package static let errors: Int32 = 2

    /// Puts /dev/null in the place of those that the parent closed, so that no file or socket gets their numbers and
    /// what was meant for a reader goes into it.
    package static func fill() {
        for descriptor in input...errors where loop_fcntl(descriptor, F_GETFD, 0) == -1 && errno == EBADF {
            _ = open("/dev/null", O_RDWR)
        }
    }
}
