// The inverse of Documents+JSON.swift, for clients; keys that are not known are ignored.

extension Finding {
    /// Reads what ``json`` writes; nil when something that every finding has is missing.
    package init?(json: JSON) {
        guard let rule = json["rule"]?.stringValue, let code = json["code"]?.stringValue,
            let severity = json["severity"]?.stringValue.flatMap(Severity.init(rawValue:)),
            let function = json["function"]?.stringValue.flatMap(FunctionName.init(rawValue:)),
            let environment = json["environment"]?.stringValue, let message = json["message"]?.stringValue
        else { return nil }
        self.init(
            rule: rule,
            code: code,
            severity: severity,
            function: function,
            environment: EnvironmentID(rawValue: environment),
            invocation: json["invocation"]?["id"]?.stringValue.map(InvocationID.init(rawValue:)),
            ordinal: json["invocation"]?["ordinal"]?.intValue,
            site: json["site"].flatMap(CodeLine.init(json:)),
            related: json["related"]?.elements?.compactMap(RelatedSite.init(json:)) ?? [],
            message: message,
            advice: json["advice"]?.stringValue ?? ""
        )
    }
}

extension CodeLine {
    /// Reads what ``json`` writes.
    package init?(json: JSON) {
        guard let file = json["file"]?.stringValue, let line = json["line"]?.intValue else { return nil }
        self.init(file: file, line: line, function: json["function"]?.stringValue ?? "")
    }
}

extension RelatedSite {
    /// Reads what ``json`` writes.
    package init?(json: JSON) {
        guard let role = json["role"]?.stringValue, let line = CodeLine(json: json) else { return nil }
        self.init(role: Role(rawValue: role), ordinal: json["invocation"]?.intValue, line: line)
    }
}
