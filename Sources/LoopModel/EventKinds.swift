/// Some kinds of events, to be compared with others at once.
///
/// Kinds that this build does not know are in it under one name: it may be asked for too much by them, never too little.
package struct EventKinds: Hashable, Sendable, ExpressibleByArrayLiteral {
    /// A bit for each number; the first, which is nobody's, stands for those beyond the word.
    private var bits: UInt128 = 0

    package init(_ kinds: some Sequence<LoopEvent.Kind> = []) { for kind in kinds { insert(kind) } }

    package init(arrayLiteral kinds: LoopEvent.Kind...) { self.init(kinds) }

    /// The kinds of some events.
    package init(of events: [LoopEvent]) { for event in events { insert(event.kind) } }

    package mutating func insert(_ kind: LoopEvent.Kind) { bits |= Self.bit(kind) }

    package func contains(_ kind: LoopEvent.Kind) -> Bool { bits & Self.bit(kind) != 0 }

    package func isDisjoint(with other: Self) -> Bool { bits & other.bits == 0 }

    private static func bit(_ kind: LoopEvent.Kind) -> UInt128 {
        let number = kind.number
        return 1 << (number < UInt128.bitWidth ? UInt128(number) : 0)
    }
}
