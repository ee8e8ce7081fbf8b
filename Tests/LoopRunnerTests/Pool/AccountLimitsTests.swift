import LoopModel
import Testing

@testable import LoopRunner

@Suite("What all functions together may have") struct AccountLimitsTests {
    private typealias Share = AccountLimits.Share

    private func share(_ inFlight: Int, reserved: Int? = nil, provisioned: Int = 0) -> Share {
        Share(inFlight: inFlight, reserved: reserved, provisioned: provisioned)
    }

    private func refusal(to share: Share, beside others: [Share], of concurrency: Int) -> PoolStateMachine.Rejection? {
        var limits = AccountLimits(concurrency: concurrency)
        return limits.refusal(to: share, beside: others, now: Instant(nanoseconds: 0))
    }

    @Test("is as many invocations at once as the setting says, over all functions")
    func sum() {
        #expect(refusal(to: share(1), beside: [share(1)], of: 3) == nil)
        #expect(refusal(to: share(1), beside: [share(2)], of: 3) == .accountConcurrency)
        #expect(refusal(to: share(3), beside: [], of: 3) == .accountConcurrency)
    }

    @Test("leaves what is reserved to the function that has it, used or not")
    func reserved() {
        #expect(refusal(to: share(0), beside: [share(0, reserved: 2)], of: 3) == nil)
        #expect(refusal(to: share(1), beside: [share(0, reserved: 2)], of: 3) == .accountConcurrency)
        // Its own pool sees to it.
        #expect(refusal(to: share(5, reserved: 2), beside: [share(9)], of: 3) == nil)
    }

    @Test("leaves provisioned environments to the function that has them; what goes beyond them is shared")
    func provisioned() {
        #expect(refusal(to: share(1, provisioned: 2), beside: [share(1)], of: 3) == nil)
        #expect(refusal(to: share(2, provisioned: 2), beside: [share(1)], of: 3) == .accountConcurrency)
        #expect(refusal(to: share(2, provisioned: 2), beside: [share(0)], of: 3) == nil)
        #expect(refusal(to: share(1), beside: [share(0, provisioned: 2)], of: 3) == .accountConcurrency)
    }

    @Test("is ten requests a second for each invocation at once")
    func requests() {
        var limits = AccountLimits(concurrency: 2)
        func ask(at milliseconds: Int64) -> PoolStateMachine.Rejection? {
            limits.refusal(to: share(0), beside: [], now: Instant(nanoseconds: milliseconds * 1_000_000))
        }
        for _ in 0..<20 { #expect(ask(at: 0) == nil) }
        #expect(ask(at: 49) == .accountRequestRate)
        #expect(ask(at: 50) == nil)
    }
}
