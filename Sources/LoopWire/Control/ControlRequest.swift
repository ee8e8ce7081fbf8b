package import LoopModel

/// Everything that can be asked of the daemon, as both sides of the control API know it.
///
/// The body of an invocation (the event) is not part of the value: it goes from the caller to the handler unread, and
/// both sides carry it beside the request.
package enum ControlRequest: Hashable, Sendable {
    /// Whether it is up; answered without touching store or runner.
    case health
    case status
    case doctor
    case functions
    case function(FunctionName)
    /// - path: an absolute path to a plugin's folder, its manifest, or a bare Python file.
    case addFunction(path: String)
    case removeFunction(FunctionName)
    /// How many environments of it are kept ready; nil: as many as its manifest says.
    case provision(FunctionName, Int?)
    /// What to import before its environments are forked.
    case preload(FunctionName)
    /// - isCold: asks for a new environment even if a warm one is free.
    case invoke(FunctionName, isCold: Bool)
    /// The filter's rule is nil.
    case invocations(HistoryFilter)
    /// By its id or an unambiguous prefix of it.
    case invocation(prefix: String)
    /// Of the filter, function, since, until and limit count.
    case loops(HistoryFilter, state: LoopFilter)
    /// Of the filter, function, rule, since, until and limit count.
    case findings(HistoryFilter)
    /// Of the filter, function and limit count.
    case alerts(HistoryFilter, states: Set<Alert.State>)
    /// By the alert's fingerprint or an unambiguous prefix of it.
    case acknowledgeAlert(prefix: String)
    /// By the alert's fingerprint or an unambiguous prefix of it.
    case resolveAlert(prefix: String)
    case logs(LogRequest)
    case rules
    case rule(String)
    /// Derives all findings again from the events kept.
    case recheck
    /// Takes a simulation into the history.
    ///
    /// - history: an absolute path to the history's file in which it was kept.
    case adoptRun(RunName, history: String)
    /// The description of this API.
    case openAPI
}
