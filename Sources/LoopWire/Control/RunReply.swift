package import LoopModel

/// What an invocation is answered with: `{"invocation":{…},"result":…,"findings":[…]}`.
package struct RunReply: Sendable {
    /// On the client's side only what ``writeOpening(_:to:)`` writes is filled in.
    package var record: InvocationRecord
    /// The handler's result as JSON, or Lambda's error object; its bytes as they came.
    package var result: [UInt8]
    package var findings: [Finding]

    package init(record: InvocationRecord, result: [UInt8], findings: [Finding]) {
        self.record = record
        self.result = result
        self.findings = findings
    }

    /// The whole reply as JSON.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512 + result.count + findings.count * 1024)
        Self.writeOpening(record, to: &bytes)
        Self.writeResult(result, to: &bytes)
        Self.writeClosing(findings, to: &bytes)
        return bytes
    }

    /// Writes all that stands before the result, for a server that has the result in a buffer of its own.
    package static func writeOpening(_ record: InvocationRecord, to bytes: inout [UInt8]) {
        bytes += "{\"invocation\":".utf8
        record.summary.write(to: &bytes)
        bytes += ",\"result\":".utf8
    }

    /// Writes a handler's result, which is JSON; bytes that are not (`bytes`, or NaN, which Python writes) become a text.
    package static func writeResult(_ result: [UInt8], to bytes: inout [UInt8]) {
        if result.isEmpty {
            bytes += "null".utf8
        } else if (try? JSONReader.validate(result)) != nil {
            bytes += result
        } else {
            JSON.string(String(decoding: result, as: UTF8.self)).write(to: &bytes)
        }
    }

    /// Writes all that stands after the result.
    package static func writeClosing(_ findings: [Finding], to bytes: inout [UInt8]) {
        bytes += ",\"findings\":[".utf8
        for (index, finding) in findings.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            finding.json.write(to: &bytes)
        }
        bytes += "]}".utf8
    }

    /// Reads what ``bytes`` is; nil when it is something else.
    package init?(parsing bytes: [UInt8]) {
        guard let members = try? JSONReader.members(of: bytes) else { return nil }
        func text(of key: String) -> [UInt8]? { members.first { $0.key == key }.map { Array($0.value) } }
        func value(of key: String) -> JSON? { text(of: key).flatMap { try? JSONReader.value(of: $0) } }
        guard let record = value(of: "invocation").flatMap(InvocationRecord.init(summary:)),
            let result = text(of: "result"), let findings = value(of: "findings")?.elements
        else { return nil }
        self.init(record: record, result: result, findings: findings.compactMap(Finding.init(json:)))
    }
}

extension InvocationRecord {
    /// What a reply says of an invocation; durations are in milliseconds.
    var summary: JSON {
        [
            "id": .string(id.rawValue),
            "function": .string(function.rawValue),
            "environment": JSON(environment?.rawValue),
            "ordinal": JSON(ordinal),
            "start": isCold ? "cold" : "warm",
            "cause": JSON(cause?.rawValue),
            "outcome": JSON(outcome?.rawValue),
            "errorType": JSON(errorType),
            "errorMessage": JSON(errorMessage),
            "queuedMs": .milliseconds(queued),
            "initMs": initialization.map(JSON.milliseconds) ?? .null,
            "inits": .array(inits.map(\.json)),
            "durationMs": .milliseconds(duration),
            "peakMemoryBytes": JSON(peakMemory),
            "exceededMemoryBytes": JSON(exceededMemory),
            "requestedAt": .string(requestedAt.rfc3339),
        ]
    }

    /// Reads ``summary``.
    init?(summary json: JSON) {
        guard let id = json["id"]?.stringValue,
            let function = json["function"]?.stringValue.flatMap(FunctionName.init(rawValue:)),
            let requestedAt = json["requestedAt"]?.stringValue.flatMap(WallTime.init(rfc3339:))
        else { return nil }
        self.init(id: InvocationID(rawValue: id), function: function, requestedAt: requestedAt)
        environment = json["environment"]?.stringValue.map(EnvironmentID.init(rawValue:))
        ordinal = json["ordinal"]?.intValue
        isCold = json["start"]?.stringValue == "cold"
        cause = json["cause"]?.stringValue.flatMap(ColdStartCause.init(rawValue:))
        outcome = json["outcome"]?.stringValue.flatMap(Outcome.init(rawValue:))
        errorType = json["errorType"]?.stringValue
        errorMessage = json["errorMessage"]?.stringValue
        queued = json["queuedMs"]?.duration ?? .zero
        initialization = json["initMs"]?.duration
        inits = (json["inits"]?.elements ?? []).compactMap(InitReport.init(json:))
        duration = json["durationMs"]?.duration ?? .zero
        peakMemory = json["peakMemoryBytes"]?.intValue
        exceededMemory = json["exceededMemoryBytes"]?.intValue
    }
}

extension JSON {
    /// A duration in milliseconds, exact to the nanosecond: `12.345678`.
    fileprivate static func milliseconds(_ duration: Duration) -> JSON {
        let nanoseconds = max(0, duration.nanoseconds)
        let fraction = String(nanoseconds % 1_000_000 + 1_000_000).dropFirst()
        return .raw("\(nanoseconds / 1_000_000).\(fraction)")
    }

    fileprivate var duration: Duration? {
        doubleValue.map { .nanoseconds(Int64(($0 * 1_000_000).rounded())) }
    }
}
