// The stable JSON forms of the model's values: the one place that spells the keys of the published contract.

extension Finding {
    /// As everywhere in Loopwarden's JSON output.
    package var json: JSON {
        guard case .object(var members) = plainJSON else { return plainJSON }
        if let lastingFingerprint { members.append(.init("lastingFingerprint", .string(lastingFingerprint))) }
        if let test { members.append(.init("test", .string(test))) }
        if let reproduction { members.append(.init("reproduction", reproduction.json)) }
        return .object(members)
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
        var members: [JSON.Member] = [
            .init("role", .string(role.rawValue)), .init("invocation", JSON(ordinal)),
            .init("file", .string(line.file)), .init("line", .int(Int64(line.line))),
            .init("function", .string(line.function)),
        ]
        if let test { members.append(.init("test", .string(test))) }
        return .object(members)
    }
}
