import FoundationEssentials
package import LoopModel

/// An invocation's part of the log stream, as AWS Lambda writes it (facts: lambda §4).
package struct LambdaLog: Sendable {
    /// Of the tail that comes with an answer, in bytes.
    private static let tail = 4096

    package var record: InvocationRecord
    /// Of the function, in MB.
    package var memory: Int
    /// The most that the environment has ever held, in bytes; nil: it was not measured.
    package var peakMemory: Int?

    package init(of record: InvocationRecord, memory: Int, peakMemory: Int? = nil) {
        self.record = record
        self.memory = memory
        self.peakMemory = peakMemory
    }

    /// What was printed, between the lines that the platform adds.
    package var text: String {
        var output = record.logTail
        if !output.isEmpty, !output.hasSuffix("\n") { output += "\n" }
        return """
            START RequestId: \(record.id) Version: \(LambdaFunctionReference.latest)
            \(output)END RequestId: \(record.id)
            \(report)

            """
    }

    /// The last 4 KB of ``text`` in Base64, for `X-Amz-Log-Result`.
    package var encodedTail: String { Data(text.utf8.suffix(Self.tail)).base64EncodedString() }

    /// The REPORT line, without a line feed.
    package var report: String {
        var parts = [
            "RequestId: \(record.id)",
            "Duration: \(Self.milliseconds(record.duration)) ms",
            "Billed Duration: \(billed) ms",
            "Memory Size: \(memory) MB",
        ]
        if let peakMemory { parts.append("Max Memory Used: \((peakMemory + 1 << 20 - 1) >> 20) MB") }
        if let initialization = record.initialization {
            parts.append("Init Duration: \(Self.milliseconds(initialization)) ms")
        }
        switch record.outcome {
        case .timeout: parts.append("Status: timeout")
        case .error, .crashed, .killed:
            parts += ["Status: error", "Error Type: \(record.errorType ?? "Runtime.Unknown")"]
        case .ok, .lost, .rejected, nil: break
        }
        return "REPORT " + parts.joined(separator: "\t")
    }

    /// Whole milliseconds, begun ones counted; since August 2025 with the initialization.
    private var billed: Int64 {
        let nanoseconds = (record.duration + (record.initialization ?? .zero)).nanoseconds
        return (max(nanoseconds, 1) + 999_999) / 1_000_000
    }

    private static func milliseconds(_ duration: Duration) -> String {
        let hundredths = (duration.nanoseconds + 5000) / 10_000
        let fraction = String(hundredths % 100 + 100).dropFirst()
        return "\(hundredths / 100).\(fraction)"
    }
}
