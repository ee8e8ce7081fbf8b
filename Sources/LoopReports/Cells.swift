import LoopModel

// The cells that several reports need, so that a thing looks the same in all of them.

extension ReportDocument.Cell {
    /// People see enough digits to tell it apart.
    static func id(_ id: InvocationID) -> Self { .pair(shown: id.short, .string(id.rawValue)) }

    /// People see enough digits to tell it apart.
    static func id(_ id: EnvironmentID) -> Self { .pair(shown: id.short, .string(id.rawValue)) }

    static func optional(_ text: String?) -> Self { text.map(Self.text) ?? .none }

    static func loop(_ serial: LoopSerial?) -> Self { serial.map { .integer(Int($0.rawValue)) } ?? .none }

    /// `cold` or `warm`.
    static func start(of invocation: InvocationRecord) -> Self {
        invocation.ordinal == nil && !invocation.isCold
            ? .none : .marked(invocation.isCold ? "cold" : "warm", invocation.isCold ? .caution : .quiet)
    }

    /// What caller and handler know it by; people see it only where it is another word than the id.
    static func request(of invocation: InvocationRecord) -> Self {
        let request = invocation.requestID?.rawValue
        return .pair(shown: request ?? "", .string(request ?? invocation.id.rawValue))
    }

    /// The outcome's word; for one that has none yet, people see `running`.
    static func outcome(_ outcome: Outcome?) -> Self {
        guard let outcome else { return .pair(shown: "running", .null) }
        return .marked(outcome.rawValue, outcome == .ok ? .good : outcome == .lost ? .caution : .bad)
    }

    static func severity(_ severity: Severity) -> Self { .marked(severity.rawValue, severity.mark) }

    static func state(_ state: Alert.State) -> Self {
        switch state {
        case .open: .marked(state.rawValue, .bad)
        case .acknowledged: .marked(state.rawValue, .caution)
        case .resolved: .marked(state.rawValue, .good)
        }
    }

    /// People see `RuntimeError: Event loop is closed`, programs the message alone.
    static func error(of invocation: InvocationRecord) -> Self {
        guard invocation.errorType != nil || invocation.errorMessage != nil else { return .none }
        let limit = invocation.exceededMemory.map { "killed at its memory limit, \($0 >> 20) MB" }
        let words = limit.map { [$0] } ?? [invocation.errorType, invocation.errorMessage].compactMap(\.self)
        let shown = words.joined(separator: ": ")
        return .pair(shown: shown, JSON(invocation.errorMessage))
    }

    /// People see `handler.py:9`, programs file, line and function.
    static func line(_ line: CodeLine?) -> Self { line.map { .pair(shown: $0.short, $0.json) } ?? .none }

    /// Many lines, which people get elsewhere.
    static func lines(_ text: String?) -> Self {
        guard let text, !text.isEmpty else { return .none }
        let count = text.split(separator: "\n").count
        return .pair(shown: "\(count) \(count == 1 ? "line" : "lines"), below", .string(text))
    }

    /// A number that is not known when it is not above zero.
    static func known(_ number: Int) -> Self { number > 0 ? .integer(number) : .none }
}
