import LoopModel
import Testing

@testable import LoopRunner

@Suite("Keep-alive policies") struct KeepAliveTests {
    @Test("have names of their own, and options with names of their own and defaults in their ranges")
    func contract() {
        let names = AllKeepAlivePolicies.list.map { $0.name }
        #expect(Set(names).count == names.count)
        for policy in AllKeepAlivePolicies.list {
            #expect(AllKeepAlivePolicies.policy(named: policy.name) == policy)
            #expect(Set(policy.options.map(\.name)).count == policy.options.count)
            #expect(
                policy.options.allSatisfy { $0.range.contains($0.standard) && $0.name != "policy" && $0.name != "time" }
            )
            #expect(policy.objection(to: KeepAliveOptions([:], of: policy.options)) == nil)
        }
    }

    @Test("keep environments for the function's time as long as nothing was learnt", arguments: ["fixed", "histogram"])
    func untaught(name: String) {
        let policy = AllKeepAlivePolicies.make(KeepAliveChoice(policy: name), time: .seconds(42))
        #expect(policy.windows == KeepAliveWindows(preWarming: .zero, keepAlive: .seconds(42)))
    }

    @Test("one whose name nobody knows is the fixed one")
    func unknown() {
        let policy = AllKeepAlivePolicies.make(KeepAliveChoice(policy: "guess"), time: .seconds(42))
        #expect(policy is FixedKeepAlive)
    }

    @Test("the fixed one learns nothing")
    func fixed() {
        var policy = AllKeepAlivePolicies.make(.fixed, time: .seconds(42))
        for _ in 0..<100 { policy.observe(idle: .seconds(600)) }
        #expect(policy.windows == KeepAliveWindows(keepAlive: .seconds(42)))
    }
}

@Suite("The histogram policy") struct HistogramKeepAliveTests {
    private func policy(_ options: [String: Double] = [:]) -> HistogramKeepAlive {
        HistogramKeepAlive(KeepAliveOptions(options, of: HistogramKeepAlive.options), time: .seconds(300))
    }

    private static let fallback = KeepAliveWindows(keepAlive: .seconds(300))

    @Test("loads an environment shortly before an invocation that comes every ten minutes")
    func regular() {
        var policy = policy()
        for _ in 0..<9 { policy.observe(idle: .seconds(10 * 60 + 20)) }
        // Nine times are not enough.
        #expect(!policy.isRepresentative && policy.windows == Self.fallback)
        policy.observe(idle: .seconds(10 * 60 + 20))
        // All are in the bin from 10 to 11 minutes: a tenth of the time less before it, a tenth more after it.
        #expect(policy.windows.preWarming == .seconds(540))
        #expect(policy.windows.preWarming + policy.windows.keepAlive == .seconds(726))
    }

    @Test("keeps the environment where the next invocation may come at once")
    func often() {
        var policy = policy()
        for second in 0..<100 { policy.observe(idle: .seconds(second)) }
        #expect(policy.windows == KeepAliveWindows(preWarming: .zero, keepAlive: .seconds(132)))
    }

    @Test("takes its head and tail from the percentiles that are asked for, rounded to the bins' edges")
    func percentiles() {
        var policy = policy(["margin": 0])
        // 4 of 100 below the head, 1 above the tail.
        for _ in 0..<4 { policy.observe(idle: .seconds(60)) }
        for _ in 0..<95 { policy.observe(idle: .seconds(30 * 60 + 59)) }
        policy.observe(idle: .seconds(200 * 60))
        #expect(policy.windows == KeepAliveWindows(preWarming: .seconds(1800), keepAlive: .seconds(60)))
        policy.observe(idle: .seconds(200 * 60))
        policy.observe(idle: .seconds(200 * 60))
        // Now more than a hundredth lies above.
        #expect(policy.windows.preWarming + policy.windows.keepAlive == .seconds(201 * 60))
    }

    @Test("falls back where the idle times lie all over the histogram")
    func scattered() {
        var policy = policy()
        for minute in 0..<240 { policy.observe(idle: .seconds(60 * minute)) }
        #expect(policy.variation == 0)
        #expect(policy.windows == Self.fallback)
        // Until most of them are in a few bins.
        for _ in 0..<400 { policy.observe(idle: .seconds(60 * 30)) }
        #expect(policy.variation > 2)
        #expect(policy.windows != Self.fallback)
    }

    @Test("tells few bins from all of them by the coefficient of variation", arguments: [1, 2, 10, 40, 120, 240])
    func variation(bins: Int) {
        var policy = policy(["minimum": 1])
        for _ in 0..<10 { for bin in 0..<bins { policy.observe(idle: .seconds(60 * bin)) } }
        // Of 240 bins of which k have the same count and the others none: √(240 / k − 1).
        let expected = (240.0 / Double(bins) - 1).squareRoot()
        #expect(abs(policy.variation - expected) < 1e-9)
        #expect(policy.isRepresentative == (expected >= 2))
    }

    @Test("falls back where most idle times are longer than the histogram")
    func outOfRange() {
        var policy = policy()
        for _ in 0..<20 { policy.observe(idle: .seconds(600)) }
        for _ in 0..<20 { policy.observe(idle: .seconds(14_400)) }
        #expect(policy.isRepresentative)
        policy.observe(idle: .seconds(100_000))
        #expect(policy.windows == Self.fallback)
        policy.observe(idle: .seconds(600))
        #expect(policy.windows != Self.fallback)
    }

    @Test("has bins as fine, and a range as long, as is asked for")
    func options() {
        var policy = policy(["bin": 0.5, "range": 10, "minimum": 2, "margin": 20])
        policy.observe(idle: .milliseconds(5200))
        policy.observe(idle: .milliseconds(5400))
        #expect(policy.windows.preWarming == .milliseconds(4000))
        #expect(policy.windows.preWarming + policy.windows.keepAlive == .milliseconds(6600))
        policy.observe(idle: .seconds(10))
        policy.observe(idle: .seconds(11))
        policy.observe(idle: .seconds(12))
        #expect(policy.windows == Self.fallback)
    }

    @Test("takes a clock that went back for no idle time at all")
    func backwards() {
        var policy = policy(["minimum": 1])
        policy.observe(idle: .seconds(-5))
        #expect(policy.windows.preWarming == .zero)
    }

    @Test("objects to options that do not fit together")
    func objection() {
        func objection(_ options: [String: Double]) -> String? {
            HistogramKeepAlive.objection(to: KeepAliveOptions(options, of: HistogramKeepAlive.options))
        }
        #expect(objection([:]) == nil)
        #expect(objection(["bin": 60, "range": 60]) == "range must be at least twice as long as bin")
        #expect(objection(["bin": 0.01, "range": 101]) == "range must be at most 10000 times as long as bin")
        #expect(objection(["bin": 0.01, "range": 100]) == nil)
    }
}
