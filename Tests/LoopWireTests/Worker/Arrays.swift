import LoopModel
import LoopWire

// Tests hold bytes in arrays; a span of a temporary inside `#expect` crashes the 6.3.1 compiler.
extension EventDecoder {
    mutating func decode(block: [UInt8]) -> DecodedBlock { decode(block.span.bytes) }

    mutating func decode(offeredBy journal: [UInt8]) -> [LoopEvent] { decode(offered: journal.span.bytes) }
    mutating func decode(leftovers: [UInt8]) -> [LoopEvent] { decode(journal: leftovers.span.bytes) }
}

extension WorkerFrame {
    static func next(inArray bytes: [UInt8]) throws(WireFailure) -> Self? { try next(in: bytes.span.bytes) }
}

extension HandlerError {
    init?(text: String) {
        let bytes = Array(text.utf8)
        self.init(json: bytes.span.bytes)
    }
}
