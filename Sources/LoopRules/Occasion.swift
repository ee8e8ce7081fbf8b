import LoopModel

/// A line in one stretch of an environment's life: what happens there again is not told again.
struct Occasion: Hashable {
    let ordinal: Int?
    let phase: Phase
    let line: CodeLine

    init(_ moment: Moment, line: CodeLine) {
        ordinal = moment.invocation
        phase = moment.phase
        self.line = line
    }
}
