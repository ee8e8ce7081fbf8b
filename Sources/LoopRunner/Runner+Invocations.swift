internal import LoopModel
internal import LoopOS
internal import LoopWire
internal import NIOCore

extension Runner {
    /// Runs one invocation to its end and returns when its record is stored.
    ///
    /// Cancelling the caller's task does not end the invocation.
    ///
    /// - Throws: when no environment answered, or the record could not be stored.
    package func invoke(_ request: InvocationRequest) async throws(InvocationRejection) -> InvocationAnswer {
        let result = await withCheckedContinuation { continuation in
            begin(request) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// As ``invoke(_:)`` for callers that are on the event loop already.
    ///
    /// - Parameters:
    ///   - request: what to run.
    ///   - completion: called once, on any thread.
    package nonisolated func submit(
        _ request: InvocationRequest,
        completion: @escaping @Sendable (Result<InvocationAnswer, InvocationRejection>) -> Void
    ) {
        assumeIsolated { $0.begin(request, completion: completion) }
    }

    private func begin(_ request: InvocationRequest, completion: @escaping RunningInvocation.Completion) {
        guard let pool = pools[request.function] else {
            completion(.failure(.unknownFunction(request.function)))
            return
        }
        refresh(pool)
        guard request.payload.readableBytes <= InvocationLimits.payload else {
            completion(.failure(.payloadTooLarge(request.payload.readableBytes)))
            return
        }
        let now = Self.now()
        var record = InvocationRecord(id: request.id, function: request.function, requestedAt: Self.wallNow())
        record.requestSize = request.payload.readableBytes
        record.requestID = request.requestID == request.id ? nil : request.requestID
        record.attempt = request.attempt
        record.run = request.run
        let ticket = pool.makeTicket()
        pool.waiting[ticket] = RunningInvocation(
            request: request,
            record: record,
            receivedAt: now,
            completion: completion
        )
        if let refusal = accountRefusal(to: pool) {
            if let invocation = pool.waiting.removeValue(forKey: ticket) { reject(invocation, refusal, of: pool) }
            return
        }
        perform(pool.machine.arrive(ticket, isCold: request.isCold, now: clock.now()) { pool.isFresh($0) }, of: pool)
    }

    /// Gives an invocation to an environment, which may be starting.
    func assign(_ invocation: RunningInvocation, to environment: RunningEnvironment) {
        var invocation = invocation
        invocation.record.environment = environment.record.id
        invocation.record.ordinal = environment.served
        invocation.record.isCold = environment.served == 0
        invocation.record.cause = environment.served == 0 ? environment.record.cause : nil
        invocation.record.queued = max(Self.now() - invocation.receivedAt, .zero)
        invocation.record.log = invocation.request.log
        environment.invocation = invocation
        observer.invocationStarted(invocation.record)
    }

    /// Sends an environment the invocation that it was given.
    func send(to environment: RunningEnvironment) {
        guard let invocation = environment.invocation, let wire = environment.wire, environment.end == nil else {
            return
        }
        thaw(environment)
        let now = Self.now()
        // A handler that was loaded inside its first invocation has what is left of that.
        let deadline = environment.attempts.deadline ?? now + environment.configuration.timeout
        environment.attempts.deadline = nil
        noteOutput(of: environment, .between)
        noteStart(of: invocation, in: environment)
        environment.state = .invoking
        environment.invocation?.sentAt = now
        environment.deadline = deadline
        wire.send(
            HandedInvocation(
                ordinal: environment.served,
                request: withGap(invocation.request, before: environment),
                arn: WorkerSettings.arn(of: environment.configuration.alias ?? invocation.request.function),
                deadline: deadline,
                wallDeadline: WallTime(nanoseconds: Self.wallNow().nanoseconds + (deadline - now).nanoseconds)
            )
        )
        ring(at: deadline)
        keepLookout()
        if environment.memory.isWatched { keepMemoryWatch() }
    }

    /// The worker has answered.
    func replied(_ reply: WorkerReply, in bytes: ByteBuffer, from environment: RunningEnvironment) {
        guard environment.state == .invoking, let invocation = environment.invocation,
            reply.ordinal == UInt32(truncatingIfNeeded: environment.served)
        else {
            kill(environment, because: .protocolBroken("an answer that was not asked for"))
            return
        }
        // Killed for it, and what it says comes too late.
        if exceedsMemory(environment) { return }
        let sentAt = invocation.sentAt ?? invocation.receivedAt
        let duration = min(max(reply.ended - reply.began, .zero), max(Self.now() - sentAt, .zero))
        if reply.payload.count > InvocationLimits.payload {
            fail(environment, .responseTooLarge, duration: duration)
        } else {
            let payload = bytes.slice(reply.payload)
            let error = reply.isError ? HandlerError(json: payload.readableBytesSpan) ?? HandlerError() : nil
            end(environment, reply.isError ? .error : .ok, payload: payload, error: error, duration: duration)
        }
        free(environment)
    }

    /// An environment that has answered takes the next invocation.
    func free(_ environment: RunningEnvironment) {
        environment.state = .idle
        if environment.processEnd == nil { environment.deadline = nil }
        let pool = environment.pool
        perform(pool.machine.finished(environment.slot, now: clock.now()) { pool.isFresh($0) }, of: pool)
        if environment.configuration.freezes { freeze(environment) }
    }

    /// The worker has done to its invocation what was asked for.
    func faulted(_ ordinal: UInt32, _ environment: RunningEnvironment) {
        guard environment.state == .invoking, ordinal == UInt32(truncatingIfNeeded: environment.served) else { return }
        environment.invocation?.wasFaultApplied = true
        guard environment.invocation?.request.fault?.kind == .hang, let deadline = environment.deadline else { return }
        // Nothing but the end of its time will come, and nobody need wait that long for it.
        let end = min(deadline, Self.now() + Self.hangingTime)
        environment.deadline = end
        ring(at: end)
    }

    /// How long an invocation hangs on purpose: long enough for what runs beside it to go on.
    private static let hangingTime = Duration.milliseconds(50)

    /// Ends an environment's invocation without an answer from the handler.
    func fail(_ environment: RunningEnvironment, _ failure: InvocationFailure, duration: Duration) {
        guard let invocation = environment.invocation else { return }
        let (payload, error) = failure.words(for: invocation.request.requestID, at: Self.wallNow())
        end(
            environment,
            failure.outcome,
            payload: ByteBuffer(bytes: payload),
            error: error,
            duration: duration
        )
    }

    /// The terminal state of the invocation that an environment has: the only place where one comes to be.
    func end(
        _ environment: RunningEnvironment,
        _ outcome: Outcome,
        payload: ByteBuffer,
        error: HandlerError?,
        duration: Duration
    ) {
        guard var invocation = environment.invocation else { return }
        endVigil(over: environment, outcome)
        environment.invocation = nil
        environment.served += 1
        invocation.isUnprepared = environment.isUnprepared
        invocation.record.duration = duration
        invocation.record.initialization = environment.initialization
        environment.initialization = nil
        invocation.record.inits = environment.attempts.takeReports()
        noteMemory(of: environment, in: &invocation.record, isAsked: invocation.request.measuresMemory)
        takeOutput(of: environment, into: &invocation.record)
        conclude(
            invocation,
            outcome,
            payload: payload,
            error: error,
            events: environment.takeEvents()
        )
    }

    /// Tells the observer, and answers when the record is stored.
    private func conclude(
        _ invocation: RunningInvocation,
        _ outcome: Outcome,
        payload: ByteBuffer,
        error: HandlerError?,
        events: [LoopEvent],
        rejection: InvocationRejection? = nil
    ) {
        var record = invocation.record
        record.outcome = outcome
        record.responseSize = payload.readableBytes
        record.errorType = error?.errorType.map { String($0.prefix(Self.longestType)) }
        record.errorMessage = error?.errorMessage.map { String($0.prefix(Self.longestText)) }
        record.stackTrace = error?.stackTrace.map { Self.joined($0) }
        let completion = invocation.completion
        observer.invocationEnded(EndedInvocation(record: record, events: events)) { [record] result in
            switch result {
            case .success(let findings):
                completion(
                    rejection.map(Result.failure)
                        ?? .success(
                            InvocationAnswer(
                                record: record,
                                payload: payload,
                                findings: findings,
                                wasFaultApplied: invocation.wasFaultApplied,
                                peakMemory: record.peakMemory,
                                isUnprepared: invocation.isUnprepared
                            )
                        )
                )
            case .failure(let failure):
                completion(.failure(.notRecorded(record.id, reason: "\(failure)")))
            }
        }
        eventLoop.execute { [observer] in observer.turnEnded() }
    }

    /// Answers with the error of the last initialization, because it is too early for another.
    func failFast(_ invocation: RunningInvocation, of pool: FunctionPool) {
        guard let failure = pool.lastInitFailure else {
            reject(invocation, .queueFull, of: pool)
            return
        }
        var invocation = invocation
        invocation.record.isCold = true
        invocation.record.cause = .initFailure
        if case .failed = pool.readiness.state { invocation.isUnprepared = true }
        let (payload, error) = failure.words(for: invocation.request.requestID, at: Self.wallNow())
        conclude(invocation, failure.outcome, payload: ByteBuffer(bytes: payload), error: error, events: [])
    }

    /// Turns an invocation away; that too is in the history.
    func reject(_ invocation: RunningInvocation, _ rejection: PoolStateMachine.Rejection, of pool: FunctionPool) {
        let name = pool.configuration.name
        let reason: InvocationRejection =
            switch rejection {
            case .queueFull:
                pool.configuration.reservedConcurrency.map { .reservedConcurrencyReached(name, limit: $0) }
                    ?? .queueFull(name, limit: pool.configuration.queue)
            case .scalingRate:
                .scalingRateReached(
                    name,
                    pool.configuration.scaling,
                    isReserved: pool.configuration.reservedConcurrency != nil
                )
            case .requestRate: .requestRateReached(name, perSecond: pool.machine.limits.requestsPerSecond ?? 0)
            case .accountConcurrency: .accountConcurrencyReached(limit: account?.concurrency ?? 0)
            case .accountRequestRate:
                .accountRequestRateReached(
                    perSecond: (account?.concurrency ?? 0) * AccountLimits.requestsPerInvocation
                )
            case .removed: .removed(name)
            case .shuttingDown: .shuttingDown
            }
        var invocation = invocation
        invocation.record.queued = max(Self.now() - invocation.receivedAt, .zero)
        let error = HandlerError(errorMessage: "\(reason)", errorType: "TooManyRequestsException")
        conclude(
            invocation,
            .rejected,
            payload: ByteBuffer(),
            error: reason.isThrottle ? error : HandlerError(errorMessage: "\(reason)"),
            events: [],
            rejection: reason
        )
    }

    /// In characters; what a handler says of its errors is kept no longer than that.
    private static let longestType = 256
    private static let longestText = 8192
    private static let longestTrace = 65_536

    /// One line of text an entry, without the line feeds at their ends.
    private static func joined(_ lines: [String]) -> String {
        let text = lines.map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }.joined(separator: "\n")
        return String(text.prefix(longestTrace))
    }
}

extension ByteBuffer {
    /// The bytes of a range that counts from the first readable byte, without a copy.
    func slice(_ range: Range<Int>) -> ByteBuffer {
        getSlice(at: readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    }
}
