internal import Glibc

/// The machine's local time.
package enum LocalTime {
    /// How far it is ahead of UTC at a moment, in seconds.
    ///
    /// - Parameter nanoseconds: since 1970-01-01 UTC.
    /// - Returns: seconds to add to UTC; 0 where it is not known.
    package static func utcOffset(at nanoseconds: Int64) -> Int {
        var seconds = time_t(nanoseconds / 1_000_000_000)
        var local = tm()
        guard localtime_r(&seconds, &local) != nil else { return 0 }
        return local.tm_gmtoff
    }
}
