import LoopModel

/// A line at which an error was raised that says that something is used in the wrong way, in one invocation.
struct Misuse {
    let moment: Moment
    let line: CodeLine
    /// What happens while the handler is loaded is part of the cold start.
    let ordinal: Int?
    /// Of the error.
    let text: String
    /// Whether the error came out of the handler.
    let hasEscaped: Bool

    /// Those of one kind, one for each line and invocation.
    static func all(_ kind: LoopEvent.Kind, in timeline: Timeline) -> [Misuse] {
        let observations = timeline.observations(kind)
        var found: [Misuse] = []
        for observation in observations {
            let event = observation.event, moment = observation.moment
            guard let site = event.site else { continue }
            let ordinal = timeline.ordinal(of: moment)
            guard !found.contains(where: { $0.line == site.line && $0.ordinal == ordinal }) else { continue }
            let hasEscaped = observations.contains { other in
                other.event.flags.contains(.hasEscaped) && other.event.ordinal == event.ordinal
                    && other.event.site?.line == site.line
            }
            let text = event.detail ?? ""
            found.append(Misuse(moment: moment, line: site.line, ordinal: ordinal, text: text, hasEscaped: hasEscaped))
        }
        return found
    }

    var place: String { moment.place }
    var when: String { moment.when }
    /// The error's text, as a quotation.
    var quoted: String { "\"\(text)\"" }

    var related: [RelatedSite?] {
        [
            moment.related(as: .used),
            moment.site?.library.map { RelatedSite(role: .via, ordinal: moment.invocation, line: $0) },
        ]
    }
}
