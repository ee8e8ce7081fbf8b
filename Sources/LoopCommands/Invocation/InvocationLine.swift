import LoopModel

/// How one invocation went, in a line for people.
struct InvocationLine {
    let text: String

    init(_ record: InvocationRecord, looks: Looks) {
        let outcome = record.outcome?.rawValue ?? "unknown"
        var parts = ["\(record.function): " + looks.marked(outcome, record.outcome == .ok ? .good : .bad)]
        let cause = record.cause.map { " (\($0.rawValue))" } ?? ""
        parts.append(record.isCold ? looks.marked("cold\(cause)", .caution) : "warm")
        if let initialization = record.initialization {
            let attempts = record.inits.count > 1 ? " in \(record.inits.count) attempts" : ""
            parts.append("init \(initialization.spoken)\(attempts)")
        }
        parts.append("handler \(record.duration.spoken)")
        if record.queued >= .milliseconds(1) { parts.append("waited \(record.queued.spoken)") }
        parts.append(looks.marked("invocation \(record.id.short)", .quiet))
        if let environment = record.environment {
            let ordinal = record.ordinal.map { " no. \($0)" } ?? ""
            parts.append(looks.marked("environment \(environment.short)\(ordinal)", .quiet))
        }
        let line = parts.joined(separator: ", ")
        guard record.outcome != .ok, let type = record.errorType else {
            text = line
            return
        }
        // A process that died has printed why; that is in the record and not in the answer.
        var more = record.outcome == .error ? "" : "\n  `loopwarden show \(record.id.short)` tells what it printed."
        if let limit = record.exceededMemory {
            more =
                "\n  It held more than the \(limit >> 20) MB that its function has; `loopwarden show \(record.id.short)` says "
                + "what to do."
        }
        text = "\(line)\n  \(looks.marked(type, .bad)): \(record.errorMessage ?? "")\(more)"
    }
}
