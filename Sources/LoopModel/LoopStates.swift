/// The states of loops by their serials.
///
/// A copy shares the states until one side changes one: a ledger holds a hundred of them, of half a kilobyte each, and
/// an invocation changes one or two.
package struct LoopStates: Hashable, Sendable {
    private var shared: [LoopSerial: Shared] = [:]

    package init() {}

    package var count: Int { shared.count }
    package var isEmpty: Bool { shared.isEmpty }
    /// In no order.
    package var values: some Collection<LoopState> { shared.values.lazy.map(\.state) }

    /// Nil for a loop that is not known, or not any more.
    package subscript(serial: LoopSerial) -> LoopState? {
        get { shared[serial]?.state }
        set { shared[serial] = newValue.map(Shared.init) }
    }

    /// Changes the state of a loop, if it is known.
    package mutating func change(_ serial: LoopSerial, _ body: (inout LoopState) -> Void) {
        guard let index = shared.index(forKey: serial) else { return }
        if !isKnownUniquelyReferenced(&shared.values[index]) {
            shared.values[index] = Shared(shared.values[index].state)
        }
        body(&shared.values[index].state)
    }

    // Safety: changed only while nobody else refers to it.
    private final class Shared: Hashable, @unchecked Sendable {
        var state: LoopState

        init(_ state: LoopState) { self.state = state }

        static func == (left: Shared, right: Shared) -> Bool { left === right || left.state == right.state }

        func hash(into hasher: inout Hasher) { hasher.combine(state) }
    }
}
