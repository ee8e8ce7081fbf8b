import LoopModel
import LoopOS

extension WallTime {
    /// What the calendar's clock says.
    static var now: Self { Self(nanoseconds: WallClock.nanoseconds()) }
}
