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
    /// - Returns: nil when it is for another API.
    func answer(to request: NIOHTTPServerRequestFull) async -> HTTPAnswer? {
        if LambdaRequest.isMeant(by: request.head.uri) { return await answerAPI(request) }
        return FunctionURL.isMeant(by: request.head.uri) ? await answerURL(request) : nil
    }

    /// As ``answer(to:)``, on a socket that everybody on this machine can reach, web pages in a browser among them.
    func answerAnyone(_ request: NIOHTTPServerRequestFull) async -> HTTPAnswer {
        let headers = request.head.headers
        let isForUs = headers.first(name: "host").map(Self.isLoopback) ?? false
        guard isForUs, FunctionURL.isMeant(by: request.head.uri) || !headers.contains(name: "origin") else {
            let message: JSON = "Only programs on this machine may call, by a name of the loopback."
            return HTTPAnswer(["message": message], status: 403)
        }
        return await answer(to: request) ?? HTTPAnswer(LambdaFailure.unknownRoute(request.head.uri))
    }

    /// Whether a `Host` header names the loopback: another name that leads there is a trick on a browser.
    private static func isLoopback(_ host: String) -> Bool {
        let name = host.split(separator: ":").first ?? ""
        return name == "localhost" || name.hasSuffix(".localhost") || name.hasPrefix("127.")
    }

    private func answerAPI(_ request: NIOHTTPServerRequestFull) async -> HTTPAnswer {
        let id = InvocationID.random()
        var answer: HTTPAnswer
        do throws(LambdaFailure) {
            let method = LoopWire.HTTPMethod(rawValue: request.head.method.rawValue)
            let asked = try LambdaRequest.read(method, request.head.uri) { request.head.headers.first(name: $0) }
            if case .invoke(let invocation) = asked {
                answer = try await invoke(invocation, as: id, request)
            } else {
                answer = HTTPAnswer(try await tell(asked, host: request.head.headers.first(name: "host")))
            }
        } catch {
            answer = HTTPAnswer(error)
        }
        answer.headers.append(("x-amzn-RequestId", id.rawValue))
        return answer
    }

    // MARK: Invocations

    private func invoke(
        _ invocation: LambdaInvocation,
        as id: InvocationID,
        _ request: NIOHTTPServerRequestFull
    ) async throws(LambdaFailure) -> HTTPAnswer {
        let function = try await configuration(of: invocation.function)
        let payload = request.body ?? ByteBuffer()
        let (size, limit) = (BodyLimit.size(of: request), invocation.type.payloadLimit)
        guard size <= limit else { throw .payloadTooLarge(size, limit: limit, type: invocation.type.rawValue) }
        let event: ByteBuffer
        do throws(JSONFailure) {
            event = try payload.event()
        } catch {
            throw .badPayload(error)
        }
        switch invocation.type {
        case .dryRun: return HTTPAnswer(status: 204, body: [])
        case .event:
            try await enqueue(invocation, as: id, event: event)
            return HTTPAnswer(status: 202, body: [])
        case .requestResponse: break
        }
        try await demandReadiness(of: function)
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
        let answer = try await run(request, of: function)
        let hasFailed = answer.record.outcome != .ok
        let log =
            invocation.wantsLog
            ? LambdaLog(of: answer.record, function: function).encodedTail : nil
        let result = Array(buffer: answer.payload)
        var reply = HTTPAnswer(body: result)
        reply.headers = [("X-Amz-Executed-Version", LambdaFunctionReference.latest), (Self.trace, traceID)]
        if invocation.isStreaming {
            reply.body = EventStream.body(of: result, isError: hasFailed, log: log)
            reply.contentType = EventStream.contentType
            return reply
        }
        if hasFailed { reply.headers.append(("X-Amz-Function-Error", "Unhandled")) }
        if let log { reply.headers.append(("X-Amz-Log-Result", log)) }
        return reply
    }

    /// A function that was never ready is refused, as on AWS; one that is being changed waits.
    private func demandReadiness(of function: FunctionConfiguration) async throws(LambdaFailure) {
        let readiness = await runner.readiness(of: function.name)
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

    private func answerURL(_ request: NIOHTTPServerRequestFull) async -> HTTPAnswer {
        let head = request.head
        let asked = FunctionURL(
            head.method.rawValue,
            head.uri,
            headers: head.headers.map { FunctionURL.Header($0.name, $0.value) },
            body: request.body.map { Array(buffer: $0) } ?? []
        )
        guard let asked, let function = await runner.configuration(of: asked.function) else {
            return HTTPAnswer(["Message": "There is no function of this name."], status: 404)
        }
        let id = InvocationID.random()
        let event = asked.event(id, at: .now, from: "127.0.0.1")
        var reply: HTTPAnswer
        do throws(LambdaFailure) {
            let limit = LambdaInvocation.InvocationType.requestResponse.payloadLimit
            let size = BodyLimit.size(of: request)
            guard size <= limit else { throw .payloadTooLarge(size, limit: limit, type: "RequestResponse") }
            try await demandReadiness(of: function)
            let answer = try await run(
                InvocationRequest(
                    id: id,
                    function: function.name,
                    payload: ByteBuffer(bytes: event.text.utf8),
                    traceID: head.headers.first(name: Self.trace) ?? TraceHeader.make(at: .now)
                ),
                of: function
            )
            if answer.record.outcome == .ok, let told = FunctionURLReply(result: Array(buffer: answer.payload)) {
                reply = HTTPAnswer(told)
            } else {
                reply = HTTPAnswer(["Message": "Internal Server Error"], status: 502)
            }
        } catch {
            reply = HTTPAnswer(error)
        }
        reply.headers.append(("x-amzn-RequestId", id.rawValue))
        return reply
    }

    private func run(
        _ request: InvocationRequest,
        of function: FunctionConfiguration
    ) async throws(LambdaFailure) -> InvocationAnswer {
        if let trouble = recorder.trouble { throw .service("Invocations cannot be recorded: \(trouble).") }
        var request = request
        request.isOfLambda = true
        let answer: InvocationAnswer
        do throws(InvocationRejection) {
            answer = try await runner.invoke(request)
        } catch {
            throw LambdaFailure(error)
        }
        guard answer.isUnprepared else { return answer }
        let why: String? =
            if case .failed(let why) = await runner.readiness(of: function.name).state { why } else { nil }
        throw .noRuntime("The function cannot be run: \(why ?? answer.record.errorText)")
    }

    // MARK: Functions

    private func configuration(
        of reference: LambdaFunctionReference
    ) async throws(LambdaFailure) -> FunctionConfiguration {
        guard reference.qualifier == nil || reference.qualifier == LambdaFunctionReference.latest,
            let function = await runner.configuration(of: reference.name)
        else { throw .functionNotFound(reference.arn(in: LambdaDocuments.region)) }
        return function
    }

    /// What there is to know of functions.
    private func tell(_ asked: LambdaRequest, host: String?) async throws(LambdaFailure) -> JSON {
        switch asked {
        case .invoke: return .null
        case .listFunctions(let marker, let limit): return await list(after: marker, limit: limit)
        case .function(let reference):
            let function = try await configuration(of: reference)
            return LambdaDocuments.function(function, await runner.readiness(of: function.name))
        case .configuration(let reference):
            let function = try await configuration(of: reference)
            return LambdaDocuments.configuration(function, await runner.readiness(of: function.name))
        case .versions(let reference):
            let function = try await configuration(of: reference)
            let readiness = await runner.readiness(of: function.name)
            return ["Versions": [LambdaDocuments.configuration(function, readiness)]]
        case .aliases(let reference):
            _ = try await configuration(of: reference)
            return ["Aliases": []]
        case .concurrency(let reference):
            return LambdaDocuments.concurrency(try await configuration(of: reference))
        case .eventInvokeConfig(let reference):
            return LambdaDocuments.eventInvokeConfig(try await configuration(of: reference))
        case .urlConfig(let reference):
            return LambdaDocuments.urlConfig(try await configuration(of: reference), host: host ?? "localhost")
        case .tags(let reference):
            _ = try await configuration(of: reference)
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

extension HTTPAnswer {
    fileprivate init(_ failure: LambdaFailure) {
        self.init(failure.json, status: failure.status)
        headers = [("x-amzn-errortype", failure.type)]
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
