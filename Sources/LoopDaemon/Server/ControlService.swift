import LoopModel
import LoopOS
import LoopReports
import LoopRules
import LoopRunner
import LoopStore
import LoopWire
import NIOCore
import NIOHTTP1

/// What the control API does: each request handed to the part of the daemon that it concerns.
struct ControlService: Sendable {
    private let store: HistoryStore
    private let recorder: Recorder
    private let runner: Runner
    private let catalog: FunctionCatalog
    private let alerts: AlertDispatcher
    private let settings: Settings
    private let lambda: LambdaService
    private let queue: EventQueue
    private let loopback: LoopbackServer
    private let startedAt = MonotonicClock.nanoseconds()

    init(
        store: HistoryStore,
        recorder: Recorder,
        runner: Runner,
        catalog: FunctionCatalog,
        alerts: AlertDispatcher,
        lambda: LambdaService,
        queue: EventQueue,
        loopback: LoopbackServer,
        settings: Settings
    ) {
        self.store = store
        self.recorder = recorder
        self.runner = runner
        self.catalog = catalog
        self.alerts = alerts
        self.settings = settings
        self.lambda = lambda
        self.queue = queue
        self.loopback = loopback
    }

    /// Answers one HTTP request; never throws, a failure is an answer too.
    ///
    /// What is invoked goes from here to the runner without a task: the runner is on the server's event loop.
    func answer(_ request: HTTPRequest, _ responder: Responder) {
        if lambda.answer(request, responder) { return }
        do {
            guard request.size <= APIServer.bodyLimit else {
                throw APIFailure.payloadTooLarge(request.size, limit: InvocationLimits.payload)
            }
            let method = LoopWire.HTTPMethod(rawValue: request.head.method.rawValue)
            let asked = try ControlRequest.read(
                method,
                request.head.uri,
                now: .now,
                body: Array(buffer: request.body)
            )
            if case .invoke(let name, let isCold) = asked {
                try invoke(name, event: request.body, isCold: isCold, responder)
                return
            }
            let form = ReplyForm(accept: request.head.headers.first(name: "accept"))
            responder.answer {
                do {
                    return try await answer(to: asked, form: form)
                } catch {
                    return HTTPAnswer(failure(for: error))
                }
            }
        } catch {
            responder.send(HTTPAnswer(failure(for: error)))
        }
    }

    private func answer(to request: ControlRequest, form: ReplyForm) async throws -> HTTPAnswer {
        switch request {
        // An invocation was handed on without coming here.
        case .health, .invoke: return HTTPAnswer(["status": "ok", "version": .string(loopwardenVersion)])
        case .status: return try await report(StatusReport(), form, live: try await present())
        case .doctor: return HTTPAnswer(try await checkup(), form)
        case .functions:
            return try await report(FunctionsReport(), form, live: await live(of: await runner.functions))
        case .function(let name):
            let live = await live(of: [try await function(named: name)])
            return try await report(FunctionsReport(), form, live: live)
        case .addFunction(let path):
            let live = LiveState(functions: [try await catalog.add(path)])
            return try await report(FunctionsReport(), form, live: live, status: 201)
        case .removeFunction(let name):
            let function = try await function(named: name)
            _ = try await catalog.remove(name)
            return try await report(FunctionsReport(), form, live: LiveState(functions: [function]))
        case .provision(let name, let count):
            try await runner.provision(name, count)
            return try await report(FunctionsReport(), form, live: await live(of: [try await function(named: name)]))
        case .preload(let name):
            let live = LiveState(functions: [try await function(named: name)])
            let request = ReportRequest(filter: HistoryFilter(function: name))
            return try await report(PreloadReport(), form, request, live: live)
        case .invocations(let filter):
            return try await report(HistoryReport(), form, ReportRequest(filter: filter))
        case .invocation(let prefix):
            return try await report(ShowReport(), form, ReportRequest(invocation: prefix))
        case .loops(let filter, let state):
            return try await report(LoopsReport(), form, ReportRequest(filter: filter, loops: state))
        case .findings(let filter):
            return try await report(FindingsReport(), form, ReportRequest(filter: filter))
        case .alerts(let filter, let states):
            return try await report(AlertsReport(), form, ReportRequest(filter: filter, alertStates: states))
        case .acknowledgeAlert(let prefix):
            return try HTTPAnswer(AlertsReport().document(of: [store.acknowledge(fingerprintPrefix: prefix)]), form)
        case .resolveAlert(let prefix):
            return try HTTPAnswer(AlertsReport().document(of: [store.resolve(fingerprintPrefix: prefix)]), form)
        case .logs(let request):
            return HTTPAnswer(
                try await LogService(store: store, recorder: recorder, runner: runner).answer(request),
                form
            )
        case .rules:
            return HTTPAnswer(["schema": "loopwarden.rules/1", "rules": .array(AllRules.list.map(\.json))])
        case .rule(let id): return HTTPAnswer(try RuleBook().rule(named: id).json)
        case .recheck: return HTTPAnswer(try await recheck(), form)
        case .adoptRun(let run, let history):
            let adoption = RunAdoption(recorder: recorder, history: store)
            return HTTPAnswer(try await adoption.adopt(run, from: history), form, status: 201)
        case .openAPI: return HTTPAnswer(OpenAPIDocument.json)
        }
    }

    // MARK: Invocations

    private func invoke(
        _ name: FunctionName,
        event: ByteBuffer,
        isCold: Bool,
        _ responder: Responder
    ) throws(APIFailure) {
        if let trouble = recorder.trouble { throw .storage("Invocations cannot be recorded: \(trouble).") }
        let payload: ByteBuffer
        do throws(JSONFailure) {
            payload = try event.event()
        } catch {
            throw .badEvent(error)
        }
        runner.submit(InvocationRequest(function: name, payload: payload, isCold: isCold)) { result in
            switch result {
            case .success(let answer): responder.send(HTTPAnswer(answer))
            case .failure(let rejection): responder.send(HTTPAnswer(failure(for: rejection)))
            }
        }
    }

    private func function(named name: FunctionName) async throws(APIFailure) -> FunctionConfiguration {
        guard let function = await runner.configuration(of: name) else { throw .unknownFunction(name) }
        return function
    }

    // MARK: Reports

    private func report(
        _ report: some Report,
        _ form: ReplyForm,
        _ request: ReportRequest = ReportRequest(),
        live: LiveState = LiveState(),
        status: Int = 200
    ) async throws -> HTTPAnswer {
        var request = request
        request.live = live
        return HTTPAnswer(try await report.document(for: request, from: store), form, status: status)
    }

    /// Functions with what there is of them now.
    private func live(of functions: [FunctionConfiguration]) async -> LiveState {
        var live = LiveState(functions: functions)
        live.provisioned = await runner.status().provisioned
        for function in functions { live.readiness[function.name] = await runner.readiness(of: function.name) }
        return live
    }

    /// What `status` tells of the present.
    private func present() async throws -> LiveState {
        let status = await runner.status()
        let environments = status.functions.flatMap(\.environments)
        let undelivered = alerts.undelivered
        var troubles = await catalog.problems.map { "A plugin is not served: \($0)" }
        if let failure = recorder.failure {
            troubles.append("The history cannot be written (\(recorder.backlog) facts wait): \(failure)")
        }
        if undelivered.count > 0 {
            let last = undelivered.lastFailure ?? ""
            troubles.append("\(undelivered.count) alerts were not taken by their sinks; the last: \(last)")
        }
        for environment in environments where !environment.record.disabledHooks.isEmpty {
            let hooks = environment.record.disabledHooks.joined(separator: ", ")
            troubles.append("In environment \(environment.record.id.short) these detections are off: \(hooks)")
        }
        for (name, provisioned) in status.provisioned.sorted(by: { $0.key < $1.key }) where provisioned.state == .failed
        {
            let reason = provisioned.reason.map { ": \($0)" } ?? ""
            troubles.append("No environment of \(name) can be kept ready (\(ProvisioningStatus.failure))\(reason)")
        }
        for function in await runner.functions {
            switch await runner.readiness(of: function.name).state {
            case .ready: break
            case .preparing(let what): troubles.append("What “\(function.name)” needs is being installed: \(what)")
            case .failed(let why): troubles.append("“\(function.name)” cannot be run: \(why)")
            }
        }
        if let trouble = loopback.trouble { troubles.append(trouble) }
        let queued = try await queue.backlog()
        let age = queued.oldest.map { Duration.nanoseconds(max(WallTime.now.nanoseconds - $0.nanoseconds, 0)) }
        let uptime = Duration.nanoseconds(MonotonicClock.nanoseconds() - startedAt)
        var live = LiveState(
            functions: await runner.functions,
            environments: environments.map(\.record),
            daemon: [
                .init("version", "version", .text(loopwardenVersion)),
                .init("pid", "process", .integer(Int(ThisProcess.identifier))),
                .init("uptimeNs", "running for", .duration(uptime)),
                .init("state", "state folder", .text(settings.state)),
                .init("socket", "socket", .text(settings.socket)),
                .init("lambdaPort", "Lambda API on port", loopback.port.map { .integer($0) } ?? .none),
                .init("durability", "durability", .text(settings.durability.rawValue)),
                .init("functions", "functions", .integer(status.functions.count)),
                .init("environmentsNow", "environments now", .integer(environments.count)),
                .init("waiting", "waiting invocations", .integer(status.functions.reduce(0) { $0 + $1.waiting })),
                .init("queuedEvents", "queued events", .integer(queued.count)),
                .init("oldestEventNs", "oldest queued event", age.map { .duration($0) } ?? .none),
                .init("backlog", "facts not yet stored", .integer(recorder.backlog)),
                .init("allowedFindings", "findings allowed by users", .integer(recorder.allowances.used)),
                .init("undeliveredAlerts", "undelivered alerts", .integer(undelivered.count)),
            ],
            troubles: troubles
        )
        live.provisioned = status.provisioned
        live.zygotes = status.zygotes.map { zygote in
            var zygote = zygote
            zygote.memory = zygote.processID.flatMap { ProcessMemory.share(of: $0) }
            zygote.waitingMemory = zygote.waiting.compactMap { ProcessMemory.share(of: $0) }.reduce(0, +)
            return zygote
        }
        return live
    }

    private func checkup() async throws -> ReportDocument {
        let doctor = Doctor(
            store: store,
            settings: settings,
            functions: await runner.functions,
            groups: await runner.groups
        )
        return try await onThread(named: "doctor") { doctor.document() }
    }

    /// Judges the whole history again.
    private func recheck() async throws -> ReportDocument {
        await recorder.flush()
        let rules = settings.rules
        let (store, allowances) = (store, recorder.allowances)
        let summary = try await onThread(named: "recheck") {
            try store.replay { allowances.remaining(of: try rules.findings(replaying: $0)) }
        }
        alerts.forward(summary.alerts.compactMap(AlertNotice.init))
        return ReportDocument(
            schema: "loopwarden.recheck/1",
            title: "The history, judged again",
            sections: [
                .init(
                    key: "summary",
                    content: .fields([
                        .init("environments", "environments", .integer(summary.environments)),
                        .init("skipped", "left as they were (partly deleted)", .integer(summary.skipped)),
                        .init("findingsAdded", "findings added", .integer(summary.findingsAdded)),
                        .init("findingsRemoved", "findings removed", .integer(summary.findingsRemoved)),
                        .init("findingsKept", "findings kept", .integer(summary.findingsKept)),
                    ])
                )
            ]
        )
    }

    // MARK: Failures

    /// What the API says of an error of any part.
    private func failure(for error: any Error) -> APIFailure {
        switch error {
        case let failure as APIFailure: failure
        case let failure as ProvisioningFailure:
            switch failure {
            case .unknownFunction(let name): .unknownFunction(name)
            case .overConcurrency: .tooManyProvisioned("\(failure)")
            }
        case let failure as SettingsFailure: .badPlugin(failure.description)
        case let failure as RuleFailure:
            switch failure {
            case .unknownRule(let id, _, let known): .unknownRule(id, known: known)
            }
        case let failure as StoreFailure:
            switch failure {
            case .alertNotFound(let prefix): .unknownAlert(prefix)
            case .alertAmbiguous(let prefix, _): .ambiguousPrefix(prefix, of: "alerts")
            default: .storage("\(failure).")
            }
        case let failure as ReportFailure:
            switch failure {
            case .invocationNotFound(let prefix): .unknownInvocation(prefix)
            default: .internal("\(failure).")
            }
        case let failure as RunAdoptionFailure: failure.answer
        case let rejection as InvocationRejection:
            switch rejection {
            case .unknownFunction(let name): .unknownFunction(name)
            case .queueFull, .reservedConcurrencyReached, .requestRateReached, .scalingRateReached,
                .accountConcurrencyReached, .accountRequestRateReached:
                .queueFull("\(rejection)")
            case .shuttingDown: .shuttingDown
            case .removed: .conflict("\(rejection)")
            case .payloadTooLarge(let size): .payloadTooLarge(size, limit: InvocationLimits.payload)
            case .notRecorded: .storage("\(rejection)")
            }
        default: .internal("\(error)")
        }
    }
}

extension HTTPAnswer {
    fileprivate init(_ answer: InvocationAnswer) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(768 + answer.payload.readableBytes)
        RunReply.writeOpening(answer.record, to: &bytes)
        RunReply.writeResult(Array(buffer: answer.payload), to: &bytes)
        RunReply.writeClosing(answer.findings, to: &bytes)
        self.init(body: bytes)
    }

    fileprivate init(_ document: ReportDocument, _ form: ReplyForm, status: Int = 200) {
        switch form {
        case .contract: self.init(status: status, body: Array(document.rendered(as: .json).utf8))
        case .document: self.init(status: status, contentType: form.mediaType, body: DocumentCoding.encode(document))
        }
    }

    fileprivate init(_ failure: APIFailure) {
        self.init(failure.json, status: failure.status)
        headers = failure.headers.map { ($0.name, $0.value) }
    }
}
