/// One invocation of a simulation, before it is made.
package struct Arrival: Hashable, Sendable {
    /// Counted from the simulation's beginning.
    package var at: Duration
    /// Which of the scenario's streams, counted from 0.
    package var stream: Int
    /// Which of the stream's payloads, counted from 0; nil: it has none.
    package var payload: Int?
    /// Whether it is made to be cold.
    package var isCold: Bool
}

/// All invocations of a scenario, in the order in which they come in; made as needed.
package struct ScenarioArrivals: Sequence, IteratorProtocol, Sendable {
    private struct Source {
        var stream: ScenarioStream
        var moments: ArrivalSequence
        /// For payloads and cold starts: apart, so that neither changes when the invocations come in.
        var generator: SeededGenerator
        /// Before when the last one comes in.
        var end: Duration
        var made = 0
        /// When the next one comes in; nil: there is none.
        var next: Duration?

        mutating func advance() {
            next = nil
            guard made < stream.count ?? .max, let moment = moments.next(), stream.from + moment < end else { return }
            next = stream.from + moment
        }

        mutating func payload() -> Int? {
            guard stream.payloads.count > 1 else { return stream.payloads.isEmpty ? nil : 0 }
            var left = generator.uniform() * stream.payloads.reduce(0) { $0 + $1.weight }
            for (index, payload) in stream.payloads.enumerated() where payload.weight > 0 {
                left -= payload.weight
                if left < 0 { return index }
            }
            return stream.payloads.lastIndex { $0.weight > 0 } ?? 0
        }

        mutating func isCold() -> Bool {
            switch stream.cold {
            case .never: false
            case .every(let number): made % number == 0
            case .probability(let share): generator.uniform() < share
            }
        }
    }

    private var sources: [Source]

    init(of scenario: Scenario) {
        sources = scenario.streams.enumerated().map { index, stream in
            let seed = stream.seed ?? scenario.seed
            var source = Source(
                stream: stream,
                moments: ArrivalSequence(stream.pattern, seed: seed, stream: 2 * index),
                generator: SeededGenerator(seed: seed, stream: 2 * index + 1),
                end: stream.until.map { $0 < scenario.duration ? $0 : scenario.duration } ?? scenario.duration
            )
            source.advance()
            return source
        }
    }

    package mutating func next() -> Arrival? {
        var first: Int?
        for index in sources.indices {
            guard let moment = sources[index].next else { continue }
            if let first, let earliest = sources[first].next, earliest <= moment { continue }
            first = index
        }
        guard let first, let moment = sources[first].next else { return nil }
        sources[first].made += 1
        let arrival = Arrival(
            at: moment,
            stream: first,
            payload: sources[first].payload(),
            isCold: sources[first].isCold()
        )
        sources[first].advance()
        return arrival
    }
}
