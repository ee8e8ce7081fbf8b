internal import Glibc

/// Waiting without doing anything.
package enum Pause {
    /// - Parameter nanoseconds: at least so long, unless a signal comes.
    package static func sleep(nanoseconds: Int64) {
        guard nanoseconds > 0 else { return }
        usleep(UInt32(clamping: nanoseconds / 1000 + 1))
    }
}
