import LoopModel

/// A line that asked for a loop where there was none, in one invocation.
///
/// Libraries and applications ask to find out; the probe leaves out those that expect the error. Of the rest it is a
/// fault when the error came out of the handler, or when nothing was done instead: no loop was made, set or run in
/// that thread from then on.
struct MissingLoop {
    let moment: Moment
    let line: CodeLine
    let ledger: Ledger
    /// Whether the error came out of the handler.
    let hasEscaped: Bool
    private let event: LoopEvent

    private init?(_ observation: Observation, hasEscaped: Bool) {
        guard let site = observation.event.site else { return nil }
        event = observation.event
        moment = observation.moment
        line = site.line
        ledger = observation.ledger
        self.hasEscaped = hasEscaped
    }

    /// The faults of one kind, one for each line and invocation.
    static func faults(_ kind: LoopEvent.Kind, in timeline: Timeline) -> [MissingLoop] {
        let observations = timeline.observations(kind).filter { !$0.event.flags.contains(.isExpected) }
        var faults: [MissingLoop] = []
        for observation in observations {
            let escaped = observations.contains { other in
                other.event.flags.contains(.hasEscaped) && other.event.ordinal == observation.event.ordinal
                    && other.event.site?.line == observation.event.site?.line
            }
            guard let fault = MissingLoop(observation, hasEscaped: escaped), fault.isFault(in: timeline),
                !faults.contains(where: { $0.line == fault.line && $0.event.ordinal == fault.event.ordinal })
            else { continue }
            faults.append(fault)
        }
        return faults
    }

    /// The library that asked.
    var library: CodeLine? { moment.site?.library }

    private func isFault(in timeline: Timeline) -> Bool {
        if hasEscaped { return true }
        if library != nil || moment.site?.isUserCode == false { return false }
        return !timeline.events.contains { other in
            other.thread == event.thread && other.ordinal == event.ordinal && other.phase == event.phase
                // Told only when it came out, or in the order in which it happened.
                && (other.sequence > event.sequence || event.flags.contains(.wasCaught))
                && Self.isCure(other)
        }
    }

    private static func isCure(_ event: LoopEvent) -> Bool {
        guard !event.flags.contains(.byHost) || event.kind == .runBegun else { return false }
        return event.kind == .created || event.kind == .runBegun || (event.kind == .slotSet && event.loop != nil)
    }
}
