import LoopModel

/// The events of an invocation as a table, with offsets from its beginning.
struct TimelineTable {
    private let events: [LoopEvent]
    /// When the handler was called; what came before has negative offsets.
    private let zero: Instant

    init(_ events: [LoopEvent], ordinal: Int?) {
        self.events = events
        let own = events.filter { $0.phase == .invocation && $0.ordinal == ordinal }
        zero = (own.first ?? events.first)?.at ?? Instant(nanoseconds: 0)
    }

    var content: ReportDocument.Content {
        let durations = durations()
        return .table(
            columns: [
                ReportDocument.Column("offsetNs", "Offset", isTrailing: true),
                ReportDocument.Column("event", "Event"),
                ReportDocument.Column("loop", "Loop", isTrailing: true),
                ReportDocument.Column("durationNs", "Took", isTrailing: true, rank: 3),
                ReportDocument.Column("site", "Site"),
                ReportDocument.Column("function", "In", rank: 2),
                ReportDocument.Column("via", "Through", rank: 4),
                ReportDocument.Column("thread", "Thread", rank: 1),
                ReportDocument.Column("detail", "Detail"),
                ReportDocument.Column("phase", "Phase", isHidden: true),
                ReportDocument.Column("ordinal", "Ordinal", isHidden: true),
                ReportDocument.Column("sequence", "Sequence", isHidden: true),
                ReportDocument.Column("value", "Value", isHidden: true),
                ReportDocument.Column("flags", "Flags", isHidden: true),
            ],
            rows: zip(events, durations).map(row)
        )
    }

    private func row(_ event: LoopEvent, took duration: Duration?) -> [ReportDocument.Cell] {
        let offset = event.at - zero
        let thread = event.thread == 1 ? "" : event.threadName ?? "number \(event.thread)"
        return [
            .pair(shown: (offset < .zero ? "" : "+") + offset.spoken, .int(offset.nanoseconds)),
            event.isBad ? .marked(event.kind.name, .bad) : .text(event.kind.name),
            .loop(event.loop),
            duration.map(ReportDocument.Cell.duration) ?? .none,
            .line(event.site?.line),
            .optional(event.site?.line.function),
            .line(event.site?.via),
            .pair(shown: thread, JSON(event.threadName)),
            .pair(shown: event.note, JSON(event.detail)),
            .text(event.phase.name),
            event.ordinal.map(ReportDocument.Cell.integer) ?? .none,
            .integer(Int(event.sequence)),
            .integer(Int(event.value)),
            .integer(Int(event.flags.rawValue)),
        ]
    }

    /// For each end the time since its begin, where both are here: of runs, of phases, and of loops at their close.
    private func durations() -> [Duration?] {
        var phase: Instant?
        var created: [LoopSerial: Instant] = [:]
        var runs: [LoopSerial: [Instant]] = [:]
        return events.map { event in
            switch (event.kind, event.loop) {
            case (.phaseBegun, _):
                phase = event.at
                return nil
            case (.phaseEnded, _):
                defer { phase = nil }
                return phase.map { event.at - $0 }
            case (.created, let loop?):
                created[loop] = event.at
                return nil
            case (.closed, let loop?): return created[loop].map { event.at - $0 }
            case (.runBegun, let loop?):
                runs[loop, default: []].append(event.at)
                return nil
            case (.runEnded, let loop?): return runs[loop]?.popLast().map { event.at - $0 }
            default: return nil
            }
        }
    }
}

extension LoopEvent {
    /// Whether it is seldom good news.
    fileprivate var isBad: Bool {
        switch kind {
        case .usedAfterClose, .slotLeftClosed, .finalized, .probeFailed, .eventsDropped: true
        default: false
        }
    }

    /// The circumstances in words.
    fileprivate var note: String {
        var words: [String] = []
        switch kind {
        case .phaseBegun, .phaseEnded: words.append(ordinal.map { "\(phase.name) \($0)" } ?? phase.name)
        case .created:
            if let detail { words.append(String(detail.split(separator: ".").last ?? "")) }
            if flags.contains(.implicit) { words.append("by get_event_loop()") }
        case .slotSet:
            if loop == nil { words.append("cleared") }
            if flags.contains(.implicit) { words.append("by get_event_loop()") }
        case .runBegun:
            if flags.contains(.nested) { words.append(value > 0 ? "inside loop \(value)" : "inside another loop") }
        case .usedAfterClose: if let detail { words.append("\(detail)()") }
        case .openAtEnd:
            if flags.contains(.runningNow) { words.append("running") }
            if flags.contains(.heldByGlobal) { words.append("held by a module") }
            if !flags.contains(.runningNow), flags.contains(.ranInInvocation) { words.append("ran in this invocation") }
        case .frozen:
            words.append("\(value) process\(value == 1 ? "" : "es")")
            if let detail { words.append("by \(detail)") }
        case .thawed: words.append("after \(Duration.nanoseconds(value).spoken)")
        case .timerFrozen, .timerLate:
            if let detail { words.append(detail) }
            let time = Duration.nanoseconds(abs(value)).spoken
            words.append(kind == .timerLate ? "\(time) late" : value < 0 ? "due \(time) ago" : "due in \(time)")
        case .taskThawed:
            if let detail { words.append(detail) }
            if flags.contains(.wasOverdue) { words.append("its timer had come due") }
            if flags.contains(.hasFailed) {
                words.append("failed")
            } else if flags.contains(.wasCancelled) {
                words.append("cancelled")
            } else if flags.contains(.hasEnded) {
                words.append("ended")
            }
        case .childFrozen:
            if let detail { words.append(detail) }
            words.append("process \(value)")
        case .threadFrozen:
            if let detail { words.append(detail) }
            if flags.contains(.isDaemon) { words.append("daemon") }
            if flags.contains(.ofExecutor) { words.append("of a pool") }
        case .eventsDropped: words.append("\(value) events")
        default: if let detail { words.append(detail) }
        }
        switch kind {
        case .created, .slotSet, .runBegun, .runEnded, .closed:
            if flags.contains(.byHost) { words.append("by the host") }
            if flags.contains(.byRunner) { words.append("by a Runner") }
            if kind == .closed, flags.contains(.byFinalizer) { words.append("by its finalizer") }
        default: break
        }
        return words.joined(separator: ", ")
    }
}
