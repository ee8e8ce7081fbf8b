import LoopModel

/// What the probe saw that is no step in a loop's life: one event, and the further lines that belong to it.
struct Observation {
    let event: LoopEvent
    /// In the order in which the probe told them.
    let related: [RelatedSite]
    /// As it stood just before.
    let ledger: Ledger

    /// When and where it was.
    var moment: Moment { Moment(event, following: ledger.latestOrdinal) }

    /// What is known of the loop that it is about.
    var loop: LoopState? { event.loop.flatMap { ledger.loops[$0] } }

    /// The first line that played a part.
    func line(_ role: RelatedSite.Role) -> RelatedSite? { related.first { $0.role == role } }
}

extension Timeline {
    /// The observations of some kinds, in the order in which they were made.
    func observations(_ kinds: LoopEvent.Kind...) -> [Observation] {
        guard events.contains(where: { kinds.contains($0.kind) }) else { return [] }
        var made: [Observation] = []
        // A further line belongs to the next event of its kind in its thread.
        var waiting: [UInt32: [LoopEvent]] = [:]
        visit(kinds: kinds + [.relatedSite]) { event, ledger in
            if event.kind == .relatedSite {
                waiting[event.thread, default: []].append(event)
                return
            }
            let lines = (waiting[event.thread] ?? []).filter { $0.flags.rawValue == UInt16(event.kind.number) }
            waiting[event.thread]?.removeAll { $0.flags.rawValue == UInt16(event.kind.number) }
            let related = lines.compactMap { line in
                line.site.map { site in
                    let ordinal = line.value < 0 ? nil : Int(line.value)
                    return RelatedSite(role: .init(rawValue: line.detail ?? ""), ordinal: ordinal, line: site.line)
                }
            }
            made.append(Observation(event: event, related: related, ledger: ledger))
        }
        return made
    }
}
