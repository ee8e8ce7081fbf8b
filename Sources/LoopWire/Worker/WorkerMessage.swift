package import LoopModel

/// What a worker says to the daemon; long parts are places in the bytes that were read.
package enum WorkerMessage: Hashable, Sendable {
    /// The first frame of a connection.
    case hello(WorkerHello)
    /// The handler is loaded.
    case ready(WorkerReady)
    /// The handler could not be loaded; the worker ends.
    case initError(WorkerInitError)
    /// The answer to an invocation.
    case reply(WorkerReply)
    /// Events on their own: a journal that was about to overflow.
    case events(Range<Int>)
    /// The last frame of a worker that was asked to end.
    case bye(events: Range<Int>)
    /// What was asked to be done to an invocation, which is under way, was done.
    case faultApplied(ordinal: UInt32)
    /// What is alive was told: the answer to FREEZE.
    case alive(events: Range<Int>)
    /// What the first invocation has imported.
    case imports(WorkerImports)
    /// From a worker newer than this daemon.
    case unknown(UInt8)

    /// - Parameters:
    ///   - frame: as ``WorkerFrame/next(in:from:)`` found it.
    ///   - bytes: the same bytes that it was found in.
    /// - Throws: when the body is not what its type needs.
    package init(_ frame: WorkerFrame, in bytes: RawSpan) throws(WireFailure) {
        guard frame.body.upperBound <= bytes.byteCount else { throw .malformed("a frame outside its bytes") }
        switch frame.type {
        case 0x81: self = .hello(try WorkerHello(json: bytes.extracting(frame.body)))
        case 0x82: self = .ready(try WorkerReady(frame.body, in: bytes))
        case 0x83: self = .initError(try WorkerInitError(frame.body, in: bytes))
        case Self.replyType: self = .reply(try WorkerReply(frame.body, in: bytes))
        case 0x86: self = .events(frame.body)
        case 0x87: self = .bye(events: frame.body)
        case 0x88:
            var cursor = Cursor(frame.body, in: bytes)
            self = .faultApplied(ordinal: try cursor.integer(in: bytes))
        case 0x89: self = .alive(events: frame.body)
        case 0x8A: self = .imports(try WorkerImports(json: bytes.extracting(frame.body)))
        default: self = .unknown(frame.type)
        }
    }

    /// The type of the frame that carries an answer, whose length can be the handler's fault.
    package static let replyType: UInt8 = 0x84
}

/// READY: how the loading went, and what was loaded.
package struct WorkerReady: Hashable, Sendable {
    package var began: Instant
    package var ended: Instant
    package var info: WorkerInfo
    package var events: Range<Int>

    init(_ body: Range<Int>, in bytes: RawSpan) throws(WireFailure) {
        var cursor = Cursor(body, in: bytes)
        (began, ended) = (try cursor.instant(in: bytes), try cursor.instant(in: bytes))
        let json = try cursor.sized(in: bytes)
        info = try WorkerInfo(json: bytes.extracting(json))
        events = cursor.rest
    }
}

/// INIT_ERROR: the handler could not be loaded.
package struct WorkerInitError: Hashable, Sendable {
    package var began: Instant
    package var ended: Instant
    package var events: Range<Int>
    /// The error object as JSON.
    package var payload: Range<Int>

    init(_ body: Range<Int>, in bytes: RawSpan) throws(WireFailure) {
        var cursor = Cursor(body, in: bytes)
        (began, ended) = (try cursor.instant(in: bytes), try cursor.instant(in: bytes))
        events = try cursor.sized(in: bytes)
        payload = cursor.rest
    }
}

/// REPLY: how an invocation ended.
package struct WorkerReply: Hashable, Sendable {
    package var ordinal: UInt32
    package var isError: Bool
    package var began: Instant
    package var ended: Instant
    package var events: Range<Int>
    /// The result, or the error object, as JSON.
    package var payload: Range<Int>

    init(_ body: Range<Int>, in bytes: RawSpan) throws(WireFailure) {
        var cursor = Cursor(body, in: bytes)
        ordinal = try cursor.integer(in: bytes)
        // The status is the lowest byte; the other three are zero and reserved.
        let status: UInt32 = try cursor.integer(in: bytes)
        isError = status & 0xFF != 0
        (began, ended) = (try cursor.instant(in: bytes), try cursor.instant(in: bytes))
        events = try cursor.sized(in: bytes)
        payload = cursor.rest
    }
}

/// Walks through a body, field by field.
private struct Cursor {
    private(set) var rest: Range<Int>

    init(_ body: Range<Int>, in bytes: RawSpan) { rest = body }

    mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(in bytes: RawSpan) throws(WireFailure) -> Value {
        let size = MemoryLayout<Value>.size
        guard rest.count >= size, let value = bytes.integer(Value.self, at: rest.lowerBound) else {
            throw .malformed("a frame that is too short")
        }
        rest = rest.lowerBound + size..<rest.upperBound
        return value
    }

    mutating func instant(in bytes: RawSpan) throws(WireFailure) -> Instant {
        let value: UInt64 = try integer(in: bytes)
        return Instant(nanoseconds: Int64(clamping: value))
    }

    /// A part that says its own size in four bytes.
    mutating func sized(in bytes: RawSpan) throws(WireFailure) -> Range<Int> {
        let size: UInt32 = try integer(in: bytes)
        guard size <= rest.count else { throw .malformed("a part that is longer than its frame") }
        let end = rest.lowerBound + Int(size)
        defer { rest = end..<rest.upperBound }
        return rest.lowerBound..<end
    }
}
