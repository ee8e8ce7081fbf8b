package import LoopModel

/// One question to the history and the document that answers it.
///
/// A new one is a file in `Reports` and a line in ``AllReports``; table, JSON and HTML come by themselves.
package protocol Report: Sendable {
    /// The word in commands and addresses, and in the schema `loopwarden.NAME/1`.
    var name: String { get }
    /// What it answers, in one sentence.
    var summary: String { get }

    /// Reads what it needs and puts it in order.
    ///
    /// - Throws: ``ReportFailure`` when the request cannot be answered, else what the history throws.
    func document(for request: ReportRequest, from history: any HistoryReading) async throws -> ReportDocument
}

extension Report {
    /// The name and version of the JSON form; a change that is more than an addition takes the next number.
    package var schema: String { "loopwarden.\(name)/1" }
}

/// What is asked of a report; each takes what concerns it.
package struct ReportRequest: Sendable {
    package var filter: HistoryFilter
    /// The invocation to show: its id or an unambiguous prefix.
    package var invocation: String?
    /// Which loops.
    package var loops: LoopFilter
    /// In which states alerts are wanted.
    package var alertStates: Set<Alert.State>
    /// Which lines of logs.
    package var logs = LogFilter()
    /// What the caller knows and the history does not.
    package var live: LiveState

    package init(
        filter: HistoryFilter = HistoryFilter(),
        invocation: String? = nil,
        loops: LoopFilter = .all,
        alertStates: Set<Alert.State> = [.open, .acknowledged],
        live: LiveState = LiveState()
    ) {
        self.filter = filter
        self.invocation = invocation
        self.loops = loops
        self.alertStates = alertStates
        self.live = live
    }
}

/// What the daemon knows of the present; empty where nobody has asked it.
package struct LiveState: Sendable {
    package var functions: [FunctionConfiguration]
    /// The environments that there are now.
    package var environments: [EnvironmentRecord]
    /// How the environments are that are kept ready, of the functions that have any.
    package var provisioned: [FunctionName: ProvisioningStatus]
    /// What environments are forked from.
    package var zygotes: [ZygoteStatus] = []
    /// Whether functions can be invoked; those that are not named can.
    package var readiness: [FunctionName: FunctionReadiness] = [:]
    /// What `status` shows above the totals, such as the daemon's version and its socket.
    package var daemon: [ReportDocument.Field]
    /// What works less well than it should, in sentences; shown by `status`.
    package var troubles: [String]

    package init(
        functions: [FunctionConfiguration] = [],
        environments: [EnvironmentRecord] = [],
        provisioned: [FunctionName: ProvisioningStatus] = [:],
        daemon: [ReportDocument.Field] = [],
        troubles: [String] = []
    ) {
        self.functions = functions
        self.environments = environments
        self.provisioned = provisioned
        self.daemon = daemon
        self.troubles = troubles
    }
}
