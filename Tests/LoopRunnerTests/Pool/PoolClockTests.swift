import LoopModel
import Testing

@testable import LoopRunner

@Suite("The pools' clock") struct PoolClockTests {
    @Test("is the machine's until something is passed over") func machine() {
        let clock = PoolClock()
        let (before, now, after) = (Runner.now(), clock.now(), Runner.now())
        #expect(before <= now && now <= after)
        #expect(clock.ahead == .zero)
    }

    @Test("passes over what is missing to an instant, and never goes back") func skips() {
        let clock = PoolClock()
        let target = clock.now() + .seconds(3600)
        clock.skip(to: target)
        #expect(clock.now() >= target)
        #expect(clock.ahead > .seconds(3590) && clock.ahead <= .seconds(3600))
        let ahead = clock.ahead
        clock.skip(to: target)
        clock.skip(to: Runner.now())
        #expect(clock.ahead == ahead)
    }

    @Test("knows when the machine's clock will be there") func machineTime() {
        let clock = PoolClock()
        clock.skip(to: clock.now() + .seconds(60))
        let instant = clock.now() + .seconds(5)
        let left = clock.machineTime(of: instant) - Runner.now()
        #expect(left > .seconds(4) && left <= .seconds(5))
    }
}
