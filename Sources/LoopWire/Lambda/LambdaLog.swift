import FoundationEssentials
package import LoopModel

/// The end of an invocation's log, as AWS Lambda sends it along with the answer.
package struct LambdaLog: Sendable {
    /// Of what is sent, in bytes.
    private static let tail = 4096

    private let part: LogPart

    /// - Parameters:
    ///   - record: of the invocation, ended.
    ///   - function: as it was invoked.
    package init(of record: InvocationRecord, function: FunctionConfiguration) {
        let id = record.environment ?? EnvironmentID(rawValue: "")
        var environment = LoggedEnvironment(id: id, startedAt: record.requestedAt)
        if let cause = record.cause { environment.cause = cause }
        let style = LogStyle(of: function)
        (environment.memory, environment.format, environment.systemLevel, environment.region) = (
            style.memory, style.format, style.systemLevel, style.region
        )
        part = LogPart(
            function: record.function,
            environment: environment,
            subject: .invocation(record),
            output: record.output,
            at: record.beganAt
        )
    }

    /// What was printed, between the lines that the platform adds.
    package var text: String { part.lines.map { $0.text + "\n" }.joined() }

    /// The last 4 KB of ``text`` in Base64, for `X-Amz-Log-Result`.
    package var encodedTail: String { Data(text.utf8.suffix(Self.tail)).base64EncodedString() }
}
