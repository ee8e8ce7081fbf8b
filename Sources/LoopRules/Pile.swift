import LoopModel

/// Things of one line that several invocations have left behind.
struct Pile {
    /// The line that starts or makes them.
    let line: CodeLine
    /// The invocations, in their order; of many the first and the latest.
    let ordinals: [Int]
    /// How many there are, as far as the probe counts them.
    let count: Int

    /// The lines of a role in an observation; nil where it has no site.
    init?(_ observation: Observation, role: RelatedSite.Role) {
        guard let line = observation.event.site?.line else { return nil }
        self.line = line
        ordinals = Set(observation.related.filter { $0.role == role }.compactMap(\.ordinal)).sorted()
        count = Int(clamping: observation.event.value)
    }

    /// `the invocations 0, 1 and 2`, `invocations from 0 to 7`.
    var span: String {
        guard let first = ordinals.first, let last = ordinals.last, first != last else {
            return ordinals.first.map { named($0) } ?? "an invocation"
        }
        return last - first + 1 == ordinals.count
            ? "the invocations \(enumerated(ordinals.map(String.init)))" : "invocations from \(first) to \(last)"
    }

    /// In which invocation `limit` is reached at this rate; nil where that is not known.
    func lastInvocation(at ordinal: Int, limit: Int) -> Int? {
        guard let first = ordinals.first, count > 0 else { return nil }
        return max(first + limit * max(ordinal - first + 1, 1) / count, ordinal + 1)
    }
}

extension RelatedSite.Role {
    /// Started a thread or process, or made the pool that did.
    static let started = Self(rawValue: "started")
    /// Opened a descriptor.
    static let opened = Self(rawValue: "opened")
}
