/// Looks for the shortest life that still shows what a longer one has shown; says which lives to lead, and leads none.
///
/// What was seen in a step needs nothing that comes after it, so the life up to there comes first. Between its cold
/// start and that step, as few steps as possible are kept: where there are not too many ways to do so all are tried,
/// the shortest first, else ever smaller stretches are left out. Nothing counts but what was seen in a life that was
/// led for this, so what does not come back is known as such.
package struct ScheduleReduction: Sendable {
    /// Lives to lead next, each in environments of its own and all at once if need be; empty: ``result`` stands.
    package private(set) var wanted: [[CheckStep]] = []
    /// nil: not known yet.
    package private(set) var result: Result?
    /// How many lives were led.
    package private(set) var tried = 0

    package enum Result: Hashable, Sendable {
        /// No shorter one shows it.
        case shortest([CheckStep])
        /// The shortest that showed it when no more were to be tried.
        case short([CheckStep])
        /// It came back in so many of so many lives that were the same.
        case unsteady([CheckStep], shown: Int, of: Int)
    }

    private enum Stage {
        /// Whether it comes back, and in one of the shortest lives there are.
        case first
        /// Whether it comes back sometimes, or needs the whole life.
        case again
        /// It needs what came after it was seen; whether it does so in one of the shortest lives there are.
        case whole
        /// All ways to keep some steps of the middle; the shortest next.
        case all([[[CheckStep]]])
        /// Stretches of so many steps are left out.
        case stretches(Int)
    }

    private let whole: [CheckStep]
    /// What has shown it, or is believed to.
    private var base: [CheckStep]
    private var stage = Stage.first
    private let most: Int

    /// - Parameters:
    ///   - steps: the life that showed it.
    ///   - index: the step in which it did; nil: it came to light only at the end.
    ///   - most: how many lives may be led.
    package init(of steps: [CheckStep], at index: Int?, most: Int = 32) {
        whole = steps
        base = index.map { Array(steps.prefix($0 + 1)) } ?? steps
        self.most = most
        wanted = [base] + Self.shortest(of: base).filter { $0 != base }
    }

    /// Takes the lives ``wanted``, in their order: which of them showed it.
    package mutating func tell(_ shows: [Bool]) {
        precondition(shows.count == wanted.count, "every life that was wanted must be told of")
        tried += shows.count
        let shown = zip(wanted, shows).filter(\.1).map(\.0)
        switch stage {
        case .first:
            if let least = shown.min(by: { $0.count < $1.count }), least != base {
                finish(.shortest(least))
            } else if shown.isEmpty {
                stage = .again
                // Perhaps it needs what comes after it; and once is no time.
                wanted = [base, whole, whole]
            } else {
                narrow()
            }
        case .again:
            if shows[1], shows[2], whole != base {
                base = whole
                stage = .whole
                wanted = Self.shortest(of: whole)
            } else if whole == base {
                finish(.unsteady(whole, shown: 1 + shown.count, of: 5))
            } else {
                finish(.unsteady(whole, shown: 1 + shows.dropFirst().count(where: \.self), of: 3))
            }
        case .whole:
            if let least = shown.min(by: { $0.count < $1.count }) { finish(.shortest(least)) } else { narrow() }
        case .all(let rest):
            if let least = shown.first { finish(.shortest(least)) } else { tryAll(rest) }
        case .stretches(let length):
            if let least = shown.min(by: { $0.count < $1.count }) {
                base = least
                leaveOut(min(length, max(middle.count / 2, 1)))
            } else if length > 1 {
                leaveOut(length / 2)
            } else {
                finish(.shortest(base))
            }
        }
    }

    /// Tries no more.
    package mutating func stop() {
        if result == nil { finish(.short(base)) }
    }

    // MARK: Candidates

    private var middle: ArraySlice<CheckStep> { base.count > 2 ? base[1..<(base.count - 1)] : [] }

    /// The cold start alone, and with the last step.
    private static func shortest(of steps: [CheckStep]) -> [[CheckStep]] {
        guard let first = steps.first, let last = steps.last, steps.count > 1 else { return [] }
        return [[first], [first, last]]
    }

    private mutating func narrow() {
        let ways = ways(upTo: most - tried)
        if let ways { tryAll(ways) } else { leaveOut(max(middle.count / 2, 1)) }
    }

    private mutating func tryAll(_ ways: [[[CheckStep]]]) {
        guard let next = ways.first else { return finish(.shortest(base)) }
        stage = .all(Array(ways.dropFirst()))
        wanted = next
    }

    private mutating func leaveOut(_ length: Int) {
        guard !middle.isEmpty else { return finish(.shortest(base)) }
        stage = .stretches(length)
        var told: Set<[CheckStep]> = []
        wanted = stride(from: 1, to: base.count - 1, by: length).map { start in
            Array(base[..<start]) + base[min(start + length, base.count - 1)...]
        }.filter { told.insert($0).inserted }
        if tried + wanted.count > most { finish(.short(base)) }
    }

    private mutating func finish(_ result: Result) {
        self.result = result
        wanted = []
    }

    /// All lives with some of the middle's steps but not all, by how many; nil: more than `limit`.
    ///
    /// Of those with as many steps, plain ones come first: who can do without a fault should.
    private func ways(upTo limit: Int) -> [[[CheckStep]]]? {
        guard let first = base.first, let last = base.last, base.count > 2 else { return [] }
        var kept: Set<[CheckStep]> = [[]]
        for step in middle {
            kept.formUnion(kept.map { $0 + [step] })
            if kept.count > limit + 2 { return nil }
        }
        let some = kept.filter { !$0.isEmpty && $0.count < middle.count }
        let byLength = Dictionary(grouping: some, by: \.count).sorted { $0.key < $1.key }
        return byLength.map { _, ways in
            ways.sorted { ($0.oddities, CheckSchedule.text(of: $0)) < ($1.oddities, CheckSchedule.text(of: $1)) }
                .map { [first] + $0 + [last] }
        }
    }
}

extension [CheckStep] {
    /// How many of them are no plain invocation.
    fileprivate var oddities: Int { count { $0.action != .warm && $0.action != .cold } }
}
