extension CheckSchedule {
    /// Why it makes no sense for a function; nil: it does.
    package func obstacle(for function: FunctionConfiguration) -> String? {
        if let obstacle = function.obstacle ?? function.kind.obstacle(on: function.host) { return obstacle }
        let isToldMore = steps.contains { $0.fault != nil || $0.isIdle }
        if isToldMore, function.host.engine == .ric { return "awslambdaric cannot be told to fail, hang or idle" }
        if steps.contains(where: \.isIdle), function.loop == .uvloop { return "uvloop's clock cannot be put forward" }
        return function.kind.obstacle(for: name)
    }
}

extension FunctionConfiguration {
    /// Why no schedule makes sense for it; nil: some do.
    package var obstacle: String? {
        runtime == "provided" ? "it has a runtime of its own (runtime: provided), in which no loop is seen" : nil
    }
}

extension CheckStep {
    fileprivate var isIdle: Bool { if case .idle = action { true } else { false } }
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
