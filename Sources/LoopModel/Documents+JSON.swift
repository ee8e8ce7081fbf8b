// The stable JSON forms of the model's values: the one place that spells the keys of the published contract.

extension Finding {
    /// As everywhere in Loopwarden's JSON output.
    package var json: JSON {
        guard let lastingFingerprint, case .object(let members) = plainJSON else { return plainJSON }
        return .object(members + [.init("lastingFingerprint", .string(lastingFingerprint))])
    }

    private var plainJSON: JSON {
        [
            "rule": .string(rule),
            "code": .string(code),
            "severity": .string(severity.rawValue),
            "function": .string(function.rawValue),
            "environment": .string(environment.rawValue),
            "invocation": ["id": JSON(invocation?.rawValue), "ordinal": JSON(ordinal)],
            "site": site?.json ?? .null,
            "related": .array(related.map(\.json)),
            "message": .string(message),
            "advice": .string(advice),
            "fingerprint": .string(fingerprint),
        ]
    }
}

extension CodeLine {
    package var json: JSON {
        ["file": .string(file), "line": .int(Int64(line)), "function": .string(function)]
    }
}

extension RelatedSite {
    package var json: JSON {
        [
            "role": .string(role.rawValue), "invocation": JSON(ordinal), "file": .string(line.file),
            "line": .int(Int64(line.line)), "function": .string(line.function),
        ]
    }
}
