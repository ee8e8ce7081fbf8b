internal import FoundationEssentials
package import LoopModel

/// What the answer to a request for the next invocation says beside the event.
package enum RuntimeAPIHeaders {
    package static let errorType = "Lambda-Runtime-Function-Error-Type"
    package static let responseMode = "Lambda-Runtime-Function-Response-Mode"
    /// Of the trailers of a streamed answer that broke off: the error object in base64.
    package static let errorBody = "Lambda-Runtime-Function-Error-Body"
    /// The only mode beside the usual.
    package static let streaming = "streaming"

    /// The headers of an invocation; what is empty is left out.
    package static func invocation(
        id: String,
        deadline: WallTime,
        arn: String,
        traceID: String?,
        clientContext: String?,
        identity: String?,
        tenantID: String?
    ) -> [(name: String, value: String)] {
        let all: [(name: String, value: String?)] = [
            ("Lambda-Runtime-Aws-Request-Id", id),
            ("Lambda-Runtime-Trace-Id", traceID),
            ("Lambda-Runtime-Client-Context", clientContext),
            ("Lambda-Runtime-Cognito-Identity", identity),
            ("Lambda-Runtime-Invoked-Function-Arn", arn),
            ("Lambda-Runtime-Deadline-Ms", "\(deadline.nanoseconds / 1_000_000)"),
            ("Lambda-Runtime-Aws-Tenant-Id", tenantID),
            ("Content-Type", "application/json"),
        ]
        return all.compactMap { header in
            let value = header.value.map(oneLine) ?? ""
            return value.isEmpty ? nil : (header.name, value)
        }
    }

    /// What a trailer that says ``errorBody`` holds; nil when it is no base64.
    package static func decodedBody(_ text: String) -> [UInt8]? { Data(base64Encoded: text).map { Array($0) } }

    /// JSON may have line feeds between its parts, and a header may not.
    private static func oneLine(_ text: String) -> String {
        let isControl = { (scalar: Unicode.Scalar) in scalar.value < 0x20 || scalar.value == 0x7F }
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? " " : $0 }))
    }
}
