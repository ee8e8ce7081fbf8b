/// What a worker sent that cannot be.
package enum WireFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// A frame says it has more bytes than ``WorkerFrame/longest``.
    case frameTooLong(type: UInt8, length: Int)
    /// A frame is shorter than what its type needs, or its parts do not add up; the text says which.
    case malformed(String)

    package var description: String {
        switch self {
        case .frameTooLong(let type, let length): "a frame of type \(type) claims \(length) bytes"
        case .malformed(let what): "malformed: \(what)"
        }
    }
}
