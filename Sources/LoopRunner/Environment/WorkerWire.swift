internal import LoopModel
internal import LoopWire
internal import NIOCore

/// The worker channel: frames over the workers' socket, on which the process names itself by a token.
///
/// Safety: everything happens on the runner's event loop.
final class WorkerWire: EnvironmentWire, @unchecked Sendable {
    let environment: RunningEnvironment
    let variables: [String: String]
    /// nil: the process has not connected yet, or its end is closed.
    var channel: (any Channel)?

    /// - Parameters:
    ///   - environment: whose process will connect.
    ///   - socket: the path of the workers' socket.
    init(_ environment: RunningEnvironment, socket: String) {
        self.environment = environment
        variables = ["LOOPWARDEN_CHANNEL": socket, "LOOPWARDEN_TOKEN": environment.token]
    }

    var isOpen: Bool { channel != nil }

    func send(_ invocation: HandedInvocation) {
        guard let channel else { return }
        let payload = invocation.request.payload
        let head = DaemonFrame.invoke(
            ordinal: UInt32(truncatingIfNeeded: invocation.ordinal),
            deadline: invocation.deadline,
            wallDeadline: invocation.wallDeadline,
            header: invocation.request.header(arn: invocation.arn),
            payloadSize: payload.readableBytes
        )
        var frame = channel.allocator.buffer(capacity: head.count + payload.readableBytes)
        frame.writeBytes(head)
        frame.writeImmutableBuffer(payload)
        channel.writeAndFlush(frame, promise: nil)
    }

    func askToEnd(_ reason: String) -> Bool {
        channel?.writeAndFlush(ByteBuffer(bytes: DaemonFrame.shutdown(reason: reason)), promise: nil)
        return true
    }

    func askWhatIsAlive() -> Bool {
        guard environment.tellsWhatIsAlive, let channel else { return false }
        channel.writeAndFlush(ByteBuffer(bytes: DaemonFrame.freeze), promise: nil)
        return true
    }

    func close() { channel?.close(promise: nil) }
}

extension InvocationRequest {
    /// What the INVOKE frame says of it beside the event.
    fileprivate func header(arn: String) -> JSON {
        var members = [
            JSON.Member("id", .string(requestID.rawValue)),
            JSON.Member("arn", .string(arn)),
            JSON.Member("clientContext", clientContext.map(JSON.raw) ?? .null),
            JSON.Member("identity", identity.map(JSON.raw) ?? .null),
            JSON.Member("traceId", JSON(traceID)),
        ]
        if let tenantID { members.append(JSON.Member("tenantId", .string(tenantID))) }
        if let fault {
            members.append(JSON.Member("fault", ["kind": .string(fault.kind.rawValue), "at": JSON(fault.at)]))
        }
        if idle > .zero { members.append(JSON.Member("idleMs", .int(idle.nanoseconds / 1_000_000))) }
        return .object(members)
    }
}
