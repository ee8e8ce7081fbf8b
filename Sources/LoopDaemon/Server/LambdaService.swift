import LoopModel
import LoopRunner
import LoopWire
import NIOCore
import NIOHTTP1

/// Serves AWS Lambda's API, so that its clients can call in unchanged.
struct LambdaService: Sendable {
    private static let trace = "X-Amzn-Trace-Id"

    private let recorder: Recorder
    private let runner: Runner
    private let queue: EventQueue

    init(recorder: Recorder, runner: Runner, queue: EventQueue) {
        self.recorder = recorder
        self.runner = runner
        self.queue = queue
    }

    /// Answers one request; never throws, a failure is an answer too.
    ///
    /// - Returns: whether it is for this API; if not, nothing was done.
    func answer(_ request: HTTPRequest, _ responder: Responder) -> Bool {
        if LambdaRequest.isMeant(by: request.head.uri) {
            answerAPI(request, responder)
        } else if FunctionURL.isMeant(by: request.head.uri) {
            answerURL(request, responder)
        } else {
            return false
        }
        return true
    }

    /// As ``answer(_:_:)``, on a socket that everybody on this machine can reach, web pages in a browser among them.
    func answerAnyone(_ request: HTTPRequest, _ responder: Responder) {
        let headers = request.head.headers
        let isForUs = headers.first(name: "host").map(Self.isLoopback) ?? false
        guard isForUs, FunctionURL.isMeant(by: request.head.uri) || !headers.contains(name: "origin") else {
            let message: JSON = "Only programs on this machine may call, by a name of the loopback."
            return responder.send(HTTPAnswer(["message": message], status: 403))
        }
        if !answer(request, responder) { responder.send(HTTPAnswer(LambdaFailure.unknownRoute(request.head.uri))) }
    }

    /// Whether a `Host` header names the loopback: another name that leads there is a trick on a browser.
    private static func isLoopback(_ host: String) -> Bool {
        let name = host.split(separator: ":").first ?? ""
        return name == "localhost" || name.hasSuffix(".localhost") || name.hasPrefix("127.")
    }

    private func answerAPI(_ request: HTTPRequest, _ responder: Responder) {
        let id = InvocationID.random()
        do throws(LambdaFailure) {
            let method = LoopWire.HTTPMethod(rawValue: request.head.method.rawValue)
            let asked = try LambdaRequest.read(method, request.head.uri) { request.head.headers.first(name: $0) }
            if case .invoke(let invocation) = asked {
                return try invoke(invocation, as: id, request, responder)
            }
            let host = request.head.headers.first(name: "host")
            responder.answer(as: id) { () async throws(LambdaFailure) in HTTPAnswer(try await tell(asked, host: host)) }
        } catch {
            responder.refuse(error, as: id)
        }
    }

    // MARK: Invocations

    private func invoke(
        _ invocation: LambdaInvocation,
        as id: InvocationID,
        _ request: HTTPRequest,
        _ responder: Responder
    ) throws(LambdaFailure) {
        let function = try configuration(of: invocation.function)
        let limit = invocation.type.payloadLimit
        guard request.size <= limit else {
            throw .payloadTooLarge(request.size, limit: limit, type: invocation.type.rawValue)
        }
        let event: ByteBuffer
        do throws(JSONFailure) {
            event = try request.body.event()
        } catch {
            throw .badPayload(error)
        }
        switch invocation.type {
        case .dryRun: return responder.send(HTTPAnswer(status: 204, body: []).with(requestID: id))
        case .event:
            return responder.answer(as: id) { () async throws(LambdaFailure) in
                try await enqueue(invocation, as: id, event: event)
                return HTTPAnswer(status: 202, body: [])
            }
        case .requestResponse: break
        }
        try demandReadiness(of: function)
        let traceID = invocation.traceID ?? TraceHeader.make(at: .now)
        var request = InvocationRequest(
            id: id,
            function: function.name,
            payload: event,
            clientContext: invocation.clientContext,
            traceID: traceID,
            measuresMemory: invocation.wantsLog
        )
        request.tenantID = invocation.tenantID
        try run(request) { result in
            responder.send(
                reply(to: invocation, result, of: function, traceID: traceID).with(requestID: id)
            )
        }
    }

    private func reply(
        to invocation: LambdaInvocation,
        _ result: Result<InvocationAnswer, LambdaFailure>,
        of function: FunctionConfiguration,
        traceID: String
    ) -> HTTPAnswer {
        let answer: InvocationAnswer
        switch result {
        case .success(let success): answer = success
        case .failure(let failure): return HTTPAnswer(failure)
        }
        if let failure = unpreparedness(answer, of: function) { return HTTPAnswer(failure) }
        let hasFailed = answer.record.outcome != .ok
        let log =
            invocation.wantsLog
            ? LambdaLog(of: answer.record, function: function).encodedTail : nil
        var reply = HTTPAnswer(body: answer.payload)
        reply.headers = [("X-Amz-Executed-Version", LambdaFunctionReference.latest), (Self.trace, traceID)]
        if invocation.isStreaming {
            let result = Array(buffer: answer.payload)
            reply.body = ByteBuffer(bytes: EventStream.body(of: result, isError: hasFailed, log: log))
            reply.contentType = EventStream.contentType
            return reply
        }
        if hasFailed { reply.headers.append(("X-Amz-Function-Error", "Unhandled")) }
        if let log { reply.headers.append(("X-Amz-Log-Result", log)) }
        return reply
    }

    /// A function that was never ready is refused, as on AWS; one that is being changed waits.
    private func demandReadiness(of function: FunctionConfiguration) throws(LambdaFailure) {
        let readiness = runner.assumeIsolated { $0.readiness(of: function.name) }
        if case .preparing = readiness.state, !readiness.wasReady { throw .notNow("Pending") }
    }

    private func enqueue(
        _ invocation: LambdaInvocation,
        as id: InvocationID,
        event: ByteBuffer
    ) async throws(LambdaFailure) {
        let queued = QueuedEvent(
            id: id,
            function: invocation.function.name,
            payload: String(buffer: event),
            clientContext: invocation.clientContext,
            traceID: invocation.traceID ?? TraceHeader.make(at: .now),
            requestedAt: .now
        )
        do {
            try await queue.accept(queued)
        } catch {
            throw .service("The event cannot be stored: \(error).")
        }
    }

    private func answerURL(_ request: HTTPRequest, _ responder: Responder) {
        let head = request.head
        let asked = FunctionURL(
            head.method.rawValue,
            head.uri,
            headers: head.headers.map { FunctionURL.Header($0.name, $0.value) },
            body: Array(buffer: request.body)
        )
        guard let asked, let function = runner.assumeIsolated({ $0.configuration(of: asked.function) }) else {
            return responder.send(HTTPAnswer(["Message": "There is no function of this name."], status: 404))
        }
        let id = InvocationID.random()
        let event = asked.event(id, at: .now, from: "127.0.0.1")
        do throws(LambdaFailure) {
            let limit = LambdaInvocation.InvocationType.requestResponse.payloadLimit
            guard request.size <= limit else {
                throw .payloadTooLarge(request.size, limit: limit, type: "RequestResponse")
            }
            try demandReadiness(of: function)
            let invocation = InvocationRequest(
                id: id,
                function: function.name,
                payload: ByteBuffer(bytes: event.text.utf8),
                traceID: head.headers.first(name: Self.trace) ?? TraceHeader.make(at: .now)
            )
            try run(invocation) { result in
                responder.send(urlReply(to: result, of: function).with(requestID: id))
            }
        } catch {
            responder.refuse(error, as: id)
        }
    }

    private func urlReply(
        to result: Result<InvocationAnswer, LambdaFailure>,
        of function: FunctionConfiguration
    ) -> HTTPAnswer {
        switch result {
        case .failure(let failure): return HTTPAnswer(failure)
        case .success(let answer):
            if let failure = unpreparedness(answer, of: function) { return HTTPAnswer(failure) }
            if answer.record.outcome == .ok, let told = FunctionURLReply(result: Array(buffer: answer.payload)) {
                let reply = HTTPAnswer(told)
                if reply.hasProperHeaders { return reply }
            }
            return HTTPAnswer(["Message": "Internal Server Error"], status: 502)
        }
    }

    private func run(
        _ request: InvocationRequest,
        completion: @escaping @Sendable (Result<InvocationAnswer, LambdaFailure>) -> Void
    ) throws(LambdaFailure) {
        if let trouble = recorder.trouble { throw .service("Invocations cannot be recorded: \(trouble).") }
        var request = request
        request.isOfLambda = true
        runner.submit(request) { completion($0.mapError(LambdaFailure.init)) }
    }

    /// What to say of an invocation for which there was nothing to run it with; nil: there was.
    private func unpreparedness(_ answer: InvocationAnswer, of function: FunctionConfiguration) -> LambdaFailure? {
        guard answer.isUnprepared else { return nil }
        let readiness = runner.assumeIsolated { $0.readiness(of: function.name) }
        let why: String? = if case .failed(let why) = readiness.state { why } else { nil }
        return .noRuntime("The function cannot be run: \(why ?? answer.record.errorText)")
    }

    // MARK: Functions

    /// On the runner's event loop.
    private func configuration(of reference: LambdaFunctionReference) throws(LambdaFailure) -> FunctionConfiguration {
        guard reference.qualifier == nil || reference.qualifier == LambdaFunctionReference.latest,
            let function = runner.assumeIsolated({ $0.configuration(of: reference.name) })
        else { throw .functionNotFound(reference.arn(in: LambdaDocuments.region)) }
        return function
    }

    /// What there is to know of functions.
    private func tell(_ asked: LambdaRequest, host: String?) async throws(LambdaFailure) -> JSON {
        switch asked {
        case .invoke: return .null
        case .listFunctions(let marker, let limit): return await list(after: marker, limit: limit)
        case .function(let reference):
            let function = try configuration(of: reference)
            return LambdaDocuments.function(function, await runner.readiness(of: function.name))
        case .configuration(let reference):
            let function = try configuration(of: reference)
            return LambdaDocuments.configuration(function, await runner.readiness(of: function.name))
        case .versions(let reference):
            let function = try configuration(of: reference)
            let readiness = await runner.readiness(of: function.name)
            return ["Versions": [LambdaDocuments.configuration(function, readiness)]]
        case .aliases(let reference):
            _ = try configuration(of: reference)
            return ["Aliases": []]
        case .concurrency(let reference):
            return LambdaDocuments.concurrency(try configuration(of: reference))
        case .eventInvokeConfig(let reference):
            return LambdaDocuments.eventInvokeConfig(try configuration(of: reference))
        case .urlConfig(let reference):
            return LambdaDocuments.urlConfig(try configuration(of: reference), host: host ?? "localhost")
        case .tags(let reference):
            _ = try configuration(of: reference)
            return ["Tags": [:]]
        case .accountSettings: return LambdaDocuments.accountSettings(await runner.functions)
        }
    }

    private func list(after marker: String?, limit: Int) async -> JSON {
        let functions = await runner.functions.sorted { $0.name < $1.name }
            .drop { function in marker.map { function.name.rawValue <= $0 } ?? false }
        let page = functions.prefix(limit)
        var members: [JSON] = []
        for function in page {
            members.append(LambdaDocuments.configuration(function, await runner.readiness(of: function.name)))
        }
        return [
            "Functions": .array(members),
            "NextMarker": JSON(functions.count > page.count ? page.last?.name.rawValue : nil),
        ]
    }
}

extension LambdaFailure {
    /// What a client is told whose invocation was turned away.
    fileprivate init(_ rejection: InvocationRejection) {
        self =
            switch rejection {
            case .unknownFunction(let name), .removed(let name):
                .functionNotFound(LambdaFunctionReference.latestARN(of: name))
            case .queueFull, .reservedConcurrencyReached, .requestRateReached, .scalingRateReached,
                .accountConcurrencyReached, .accountRequestRateReached:
                .throttled(rejection.throttle ?? .concurrency)
            case .payloadTooLarge(let size):
                .payloadTooLarge(size, limit: InvocationLimits.payload, type: "RequestResponse")
            case .shuttingDown, .notRecorded: .service("\(rejection)")
            }
    }
}

extension Responder {
    /// Has a task make the answer to the request of this id; a failure is an answer too.
    fileprivate func answer(
        as id: InvocationID,
        by making: @escaping @Sendable () async throws(LambdaFailure) -> HTTPAnswer
    ) {
        answer {
            do throws(LambdaFailure) {
                return try await making().with(requestID: id)
            } catch {
                return HTTPAnswer(error).with(requestID: id)
            }
        }
    }

    fileprivate func refuse(_ failure: LambdaFailure, as id: InvocationID) {
        send(HTTPAnswer(failure).with(requestID: id))
    }
}

extension HTTPAnswer {
    fileprivate init(_ failure: LambdaFailure) {
        self.init(failure.json, status: failure.status)
        headers = [("x-amzn-errortype", failure.type)]
    }

    /// With what AWS says the request's id by.
    fileprivate func with(requestID id: InvocationID) -> Self {
        var answer = self
        answer.headers.append(("x-amzn-RequestId", id.rawValue))
        return answer
    }

    fileprivate init(_ reply: FunctionURLReply) {
        self.init(status: reply.status, body: reply.body)
        for header in reply.headers {
            if header.name == "content-type" {
                contentType = header.value
            } else {
                headers.append((header.name, header.value))
            }
        }
    }
}
