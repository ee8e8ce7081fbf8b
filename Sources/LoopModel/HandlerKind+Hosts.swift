extension HandlerKind {
    /// Why a handler of this kind makes no sense on a host; nil: it does.
    package func obstacle(on host: HostProfile) -> String? {
        if self != .lambda, host.engine == .ric {
            return "awslambdaric calls functions of an event and a context, and nothing else"
        }
        guard self == .notebook, host.engine != .running, host.engine != .server else { return nil }
        return "a notebook's cells run where a loop runs already, as on the hosts running and jupyter"
    }
}
