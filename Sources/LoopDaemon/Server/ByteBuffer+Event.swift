import LoopModel
import NIOCore

extension ByteBuffer {
    /// The payload of a request as the event of an invocation: nothing stands for `{}`.
    ///
    /// - Throws: when it is no JSON, with the place of the first mistake.
    func event() throws(JSONFailure) -> ByteBuffer {
        guard readableBytes > 0 else { return ByteBuffer(string: "{}") }
        try JSONReader.validate(Array(buffer: self))
        return self
    }
}
