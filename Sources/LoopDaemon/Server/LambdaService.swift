import LoopModel
import LoopRunner
import LoopWire
import NIOCore
import NIOHTTP1

/// Serves AWS Lambda's API, so that its clients can call in unchanged.
struct LambdaService: Sendable {
    private static let trace = "x-amzn-trace-id"

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
            switch asked {
            case .invoke(let invocation):
                answer = try await invoke(invocation, as: id, payload: request.body ?? ByteBuffer())
            case .listFunctions(let marker, let limit): answer = await list(after: marker, limit: limit)
            case .function(let reference):
                answer = HTTPAnswer(LambdaDocuments.function(try await configuration(of: reference)))
            case .configuration(let reference):
                answer = HTTPAnswer(LambdaDocuments.configuration(try await configuration(of: reference)))
            }
        } catch {
            answer = HTTPAnswer(error)
        }
        answer.headers.append(("x-amzn-requestid", id.rawValue))
        return answer
    }

    // MARK: Invocations

    private func invoke(
        _ invocation: LambdaInvocation,
        as id: InvocationID,
        payload: ByteBuffer
    ) async throws(LambdaFailure) -> HTTPAnswer {
        let function = try await configuration(of: invocation.function)
        let limit = invocation.type.payloadLimit
        guard payload.readableBytes <= limit else {
            throw .payloadTooLarge(payload.readableBytes, limit: limit, type: invocation.type.rawValue)
        }
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
        let traceID = invocation.traceID ?? TraceHeader.make(at: .now)
        let request = InvocationRequest(
            id: id,
            function: function.name,
            payload: event,
            clientContext: invocation.clientContext,
            traceID: traceID,
            measuresMemory: invocation.wantsLog
        )
        let answer = try await run(request, of: function)
        var reply = HTTPAnswer(body: Array(buffer: answer.payload))
        reply.headers = [("x-amz-executed-version", LambdaFunctionReference.latest), (Self.trace, traceID)]
        if answer.record.outcome != .ok { reply.headers.append(("x-amz-function-error", "Unhandled")) }
        if invocation.wantsLog {
            let log = LambdaLog(of: answer.record, memory: function.memory, peakMemory: answer.peakMemory)
            reply.headers.append(("x-amz-log-result", log.encodedTail))
        }
        return reply
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
        reply.headers.append(("x-amzn-requestid", id.rawValue))
        return reply
    }

    private func run(
        _ request: InvocationRequest,
        of function: FunctionConfiguration
    ) async throws(LambdaFailure) -> InvocationAnswer {
        if let trouble = recorder.trouble { throw .service("Invocations cannot be recorded: \(trouble).") }
        do throws(InvocationRejection) {
            return try await runner.invoke(request)
        } catch {
            throw LambdaFailure(error)
        }
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

    private func list(after marker: String?, limit: Int) async -> HTTPAnswer {
        let functions = await runner.functions.sorted { $0.name < $1.name }
            .drop { function in marker.map { function.name.rawValue <= $0 } ?? false }
        let page = functions.prefix(limit)
        return HTTPAnswer([
            "Functions": .array(page.map(LambdaDocuments.configuration)),
            "NextMarker": JSON(functions.count > page.count ? page.last?.name.rawValue : nil),
        ])
    }
}

extension LambdaFailure {
    /// What a client is told whose invocation was turned away.
    fileprivate init(_ rejection: InvocationRejection) {
        self =
            switch rejection {
            case .unknownFunction(let name), .removed(let name):
                .functionNotFound(LambdaFunctionReference.latestARN(of: name))
            case .queueFull: .throttled(isReserved: false)
            case .reservedConcurrencyReached: .throttled(isReserved: true)
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
