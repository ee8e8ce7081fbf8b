internal import LoopModel

/// Keeps every idle environment for the same time.
package struct FixedKeepAlive: KeepAlivePolicy {
    package static let name = "fixed"
    package static let options: [KeepAliveOption] = []

    package let windows: KeepAliveWindows

    package init(_ options: KeepAliveOptions, time: Duration) {
        windows = KeepAliveWindows(keepAlive: time)
    }

    package mutating func observe(idle: Duration) {}
}
