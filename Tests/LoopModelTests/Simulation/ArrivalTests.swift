import LoopModel
import Testing

@Suite("Arrivals") struct ArrivalTests {
    private func moments(_ pattern: ArrivalPattern, seed: UInt64 = 1, most: Int = 100_000) -> [Duration] {
        Array(ArrivalSequence(pattern, seed: seed, stream: 0).prefix(most))
    }

    @Test("A constant rate gives equal distances, and no error adds up")
    func constant() {
        let moments = moments(.constant(rate: 3), most: 300_001)
        #expect(moments[0] == .zero)
        #expect(moments[3] == .seconds(1))
        #expect(moments[300_000] == .seconds(100_000))
    }

    @Test("Poisson arrivals have the mean and the spread that they must, for every seed", arguments: [0, 1, 7, 4711])
    func poisson(seed: UInt64) {
        let count = 100_000
        let moments = moments(.poisson(rate: 5), seed: seed, most: count)
        let gaps = zip(moments, [.zero] + moments).map { Double(($0 - $1).nanoseconds) / 1e9 }
        let mean = gaps.reduce(0, +) / Double(count)
        let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
        // Four standard errors: 0.2 / √100000 × 4.
        #expect(abs(mean - 0.2) < 0.0026)
        #expect(abs(variance - 0.04) < 0.0018)
        // P(gap > mean) = e⁻¹.
        let long = Double(gaps.count { $0 > 0.2 }) / Double(count)
        #expect(abs(long - 0.36788) < 0.007)
    }

    @Test("The same seed gives the same arrivals, another seed others")
    func seeds() {
        #expect(moments(.poisson(rate: 1), seed: 5, most: 100) == moments(.poisson(rate: 1), seed: 5, most: 100))
        #expect(moments(.poisson(rate: 1), seed: 5, most: 100) != moments(.poisson(rate: 1), seed: 6, most: 100))
    }

    @Test("A burst comes at once, again and again")
    func burst() {
        let moments = moments(.burst(size: 3, every: .seconds(60)), most: 7)
        #expect(moments == [0, 0, 0, 60, 60, 60, 120].map { Duration.seconds($0) })
    }

    @Test("Counts are spread over their own minutes, in order")
    func counts() {
        let moments = moments(.counts([2, 0, 3, 1]))
        #expect(moments.count == 6)
        #expect(moments == moments.sorted())
        #expect(moments.map { Int($0 / .seconds(60)) } == [0, 0, 2, 2, 2, 3])
    }

    private func scenario(_ streams: [ScenarioStream], seconds: Int = 100, seed: UInt64 = 1) -> Scenario {
        Scenario(functions: [], streams: streams, duration: .seconds(seconds), seed: seed)
    }

    private func stream(_ pattern: ArrivalPattern) -> ScenarioStream { stream("f", pattern) }

    private func stream(_ name: String, _ pattern: ArrivalPattern) -> ScenarioStream {
        ScenarioStream(function: FunctionName(sanitizing: name), pattern: pattern)
    }

    @Test("Streams are merged in the order of time; of equals the first stream comes first")
    func merged() {
        var late = stream("b", .constant(rate: 1))
        late.from = .seconds(2)
        let arrivals = Array(scenario([stream("a", .constant(rate: 0.5)), late], seconds: 5).arrivals)
        #expect(arrivals.map(\.at) == [0, 2, 2, 3, 4, 4].map { Duration.seconds($0) })
        #expect(arrivals.map(\.stream) == [0, 0, 1, 1, 0, 1])
    }

    @Test("A stream ends with its time, its count, or the simulation, before its last moment")
    func ends() {
        var timed = stream(.constant(rate: 1))
        timed.until = .seconds(4)
        var counted = stream(.constant(rate: 1))
        counted.count = 3
        #expect(Array(scenario([timed]).arrivals).count == 4)
        #expect(Array(scenario([counted]).arrivals).count == 3)
        #expect(Array(scenario([stream(.constant(rate: 1))], seconds: 10).arrivals).count == 10)
    }

    @Test("Every tenth is cold, or a share of all")
    func cold() {
        var tenth = stream(.constant(rate: 1))
        tenth.cold = .every(10)
        let every = Array(scenario([tenth], seconds: 30).arrivals)
        #expect(every.indices.filter { every[$0].isCold } == [9, 19, 29])
        tenth.cold = .probability(0.25)
        let share = Array(scenario([tenth], seconds: 20_000).arrivals).count(where: \.isCold)
        #expect(abs(Double(share) / 20_000 - 0.25) < 0.0125)
    }

    @Test("Payloads are given as often as they weigh, and neither they nor cold starts change when arrivals come in")
    func payloads() {
        var mixed = stream(.poisson(rate: 1))
        mixed.payloads = [3, 0, 1].map { WeightedPayload(bytes: [], weight: $0) }
        let arrivals = Array(scenario([mixed], seconds: 20_000).arrivals)
        let counts = [0, 1, 2].map { index in arrivals.count { $0.payload == index } }
        #expect(counts[1] == 0)
        #expect(abs(Double(counts[0]) / Double(arrivals.count) - 0.75) < 0.0125)
        mixed.payloads = []
        #expect(Array(scenario([mixed], seconds: 20_000).arrivals).map(\.at) == arrivals.map(\.at))
    }

    @Test("A stream's own seed counts over the scenario's")
    func ownSeed() {
        var own = stream(.poisson(rate: 1))
        own.seed = 9
        #expect(Array(scenario([own], seed: 1).arrivals) == Array(scenario([own], seed: 2).arrivals))
        #expect(
            Array(scenario([stream(.poisson(rate: 1))], seed: 1).arrivals)
                != Array(scenario([stream(.poisson(rate: 1))], seed: 2).arrivals)
        )
    }

    @Test(
        "What is to be cold is read as it is typed",
        arguments: [
            ("every 10th", ColdChoice.every(10)), ("every 1st", .every(1)), ("every 3", .every(3)),
            ("10%", .probability(0.1)), ("0.5", .probability(0.5)), ("always", .every(1)), ("never", .never),
            ("every", nil), ("every 0th", nil), ("every 10x", nil), ("110%", nil), ("1.5", nil), ("-1", nil), ("", nil),
        ]
    )
    func choices(text: String, choice: ColdChoice?) { #expect(ColdChoice(text) == choice) }

    @Test(
        "Rates are read as they are typed",
        arguments: [
            ("2", 2), ("2/s", 2), ("30/min", 0.5), ("30 / m", 0.5), ("36/h", 0.01), ("0", nil), ("-1/s", nil),
            ("2/week", nil), ("x", nil), ("1e9", nil), ("nan", nil),
        ] as [(String, Double?)]
    )
    func rates(text: String, rate: Double?) { #expect(Rate(text)?.perSecond == rate) }

    @Test(
        "Times are read as they are typed",
        arguments: [
            ("90", .seconds(90)), ("0.5s", .milliseconds(500)), ("200ms", .milliseconds(200)), ("15m", .seconds(900)),
            ("15 min", .seconds(900)), ("2h", .seconds(7200)), ("1d", .seconds(86_400)), ("400d", nil), ("-1", nil),
            ("h", nil), ("1 fortnight", nil),
        ] as [(String, Duration?)]
    )
    func times(text: String, time: Duration?) { #expect(Duration(written: text) == time) }
}
