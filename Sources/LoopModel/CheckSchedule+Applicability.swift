extension CheckSchedule {
    /// Why it makes no sense for a function; nil: it does.
    package func obstacle(for function: FunctionConfiguration) -> String? {
        if let obstacle = function.kind.obstacle(on: function.host) { return obstacle }
        let idles = steps.contains { if case .idle = $0.action { true } else { false } }
        if idles, function.loop == .uvloop { return "uvloop's clock cannot be put forward" }
        return function.kind.obstacle(for: name)
    }
}

extension HandlerKind {
    /// Why a named schedule makes no sense for handlers of a kind; nil: it does, or the user has made it up.
    fileprivate func obstacle(for schedule: String) -> String? {
        switch self {
        case .notebook where ["after-timeout", "after-freeze", "parallel", "shutdown"].contains(schedule):
            "a notebook's kernel is its user's own, and nobody stops it"
        default: nil
        }
    }
}
