package import LoopModel

/// What can be invoked.
package struct FunctionsReport: Report {
    package let name = "functions"
    package let summary = "The functions that can be invoked."

    package init() {}

    package func document(for request: ReportRequest, from history: any HistoryReading) async throws -> ReportDocument {
        let wanted = request.live.functions.filter {
            request.filter.function == nil || $0.name == request.filter.function
        }
        let provisioned = request.live.provisioned
        var columns = Self.columns
        // Where nobody asks for any, nobody need see that there are none.
        columns.append(
            ReportDocument.Column(
                "provisioned",
                "Provisioned",
                isHidden: !wanted.contains { provisioned[$0.name] != nil }
            )
        )
        let readiness = wanted.map { request.live.readiness[$0.name]?.state ?? .ready }
        columns.append(
            ReportDocument.Column("state", "State", isHidden: readiness.allSatisfy { $0 == .ready })
        )
        return ReportDocument(
            schema: schema,
            title: "Functions",
            sections: [
                ReportDocument.Section(
                    key: "functions",
                    content: .table(
                        columns: columns,
                        rows: wanted.sorted { $0.name < $1.name }.map {
                            Self.row($0) + [
                                provisioned[$0.name].cell, (request.live.readiness[$0.name]?.state ?? .ready).cell,
                            ]
                        }
                    ),
                    emptyNote: "No function is known; `loopwarden functions add PATH` adds one."
                )
            ]
        )
    }

    private static let columns = [
        ReportDocument.Column("name", "Function"),
        ReportDocument.Column("handler", "Handler"),
        ReportDocument.Column("python", "Python"),
        ReportDocument.Column("host", "Host", rank: 1),
        ReportDocument.Column("loop", "Loop", rank: 2),
        ReportDocument.Column("timeoutNs", "Timeout", isTrailing: true, rank: 7),
        ReportDocument.Column("memoryMB", "MB", isTrailing: true, rank: 6),
        ReportDocument.Column("concurrency", "At once", isTrailing: true, rank: 5),
        ReportDocument.Column("source", "Source", rank: 4),
        ReportDocument.Column("description", "Description", rank: 3),
        ReportDocument.Column("root", "Root", isHidden: true),
        ReportDocument.Column("runtime", "Runtime", isHidden: true),
        ReportDocument.Column("startMode", "Start mode", isHidden: true),
        ReportDocument.Column("initTimeoutNs", "Init timeout", isHidden: true),
        ReportDocument.Column("keepAliveNs", "Keep-alive", isHidden: true),
        ReportDocument.Column("queue", "Queue", isHidden: true),
        ReportDocument.Column("environmentNames", "Variables", isHidden: true),
        ReportDocument.Column("reservedConcurrency", "Reserved", isHidden: true),
        ReportDocument.Column("provisionedConcurrency", "Provisioned", isHidden: true),
        ReportDocument.Column("scalingEnvironments", "New ones", isHidden: true),
        ReportDocument.Column("scalingPeriodNs", "per", isHidden: true),
        ReportDocument.Column("keepAlivePolicy", "Keep-alive policy", isHidden: true),
        ReportDocument.Column("layers", "Layers", isHidden: true),
        ReportDocument.Column("venv", "Virtual environment", isHidden: true),
        ReportDocument.Column("requirements", "Requirements", isHidden: true),
        ReportDocument.Column("memoryLimit", "Memory limit", isHidden: true),
        ReportDocument.Column("processors", "Processors", isHidden: true),
    ]

    /// What means nothing to a function with a runtime of its own.
    private static func ofPython(_ function: FunctionConfiguration, _ text: String) -> ReportDocument.Cell {
        function.runtime == "python" ? .text(text) : .pair(shown: "", .string(text))
    }

    private static func row(_ function: FunctionConfiguration) -> [ReportDocument.Cell] {
        [
            .text(function.name.rawValue),
            .text(function.handler),
            ofPython(function, function.python),
            .text(function.host.rawValue),
            ofPython(function, function.loop.rawValue),
            .duration(function.timeout),
            .integer(function.memory),
            .integer(function.concurrency),
            .text(function.source),
            .text(function.description),
            .text(function.root),
            .text(function.runtime),
            .text(function.start.rawValue),
            .duration(function.initTimeout),
            .duration(function.keepAlive),
            .integer(function.queue),
            // The values may be secrets.
            .pair(shown: "", .array(function.environment.keys.sorted().map(JSON.string))),
            function.reservedConcurrency.map(ReportDocument.Cell.integer) ?? .none,
            .integer(function.provisionedConcurrency),
            .integer(function.scaling.environments),
            .duration(function.scaling.period),
            .text(function.keepAlivePolicy.policy),
            .pair(shown: "", .array(function.layers.map(JSON.string))),
            .optional(function.packages.environment),
            .optional(function.packages.requirements),
            .text(function.resources.memoryLimit.rawValue),
            .pair(shown: "", function.resources.processors.map(JSON.double) ?? .null),
        ]
    }
}

extension FunctionReadiness.State {
    /// Such as `installing: Python 3.11.7: pip install -r requirements.txt`; nothing for one that can be invoked.
    fileprivate var cell: ReportDocument.Cell {
        switch self {
        case .ready: .pair(shown: "", ["state": "ready", "reason": nil])
        case .preparing(let what):
            .pair(shown: "installing: \(what)", ["state": "preparing", "reason": .string(what)])
        case .failed(let why): .pair(shown: "failed: \(why)", ["state": "failed", "reason": .string(why)])
        }
    }
}

extension ProvisioningStatus? {
    /// Such as `2 of 3, IN_PROGRESS`; `status` says why where it failed.
    fileprivate var cell: ReportDocument.Cell {
        guard let self else { return .none }
        return .pair(shown: "\(self.available) of \(self.wanted), \(self.state.rawValue)", self.json)
    }
}

extension ProvisioningStatus {
    /// As in the control API.
    fileprivate var json: JSON {
        [
            "wanted": JSON(wanted), "allocated": JSON(allocated), "available": JSON(available),
            "state": .string(state.rawValue), "reason": JSON(reason),
        ]
    }
}
