package import LoopModel

/// A check's findings in SARIF 2.1.0, which code hosts show beside the code.
///
/// Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0.
package struct SARIFDocument {
    private let report: CheckReport
    private let rules: [RuleDescription]
    private let path: (FunctionName, String) -> String

    /// - Parameters:
    ///   - report: what to tell.
    ///   - rules: every rule that may be named.
    ///   - path: of a function's file, relative to where the code's repository stands where it lies inside, else absolute.
    package init(
        _ report: CheckReport,
        rules: [RuleDescription],
        path: @escaping (FunctionName, String) -> String
    ) {
        self.report = report
        self.rules = rules.sorted { $0.code < $1.code }
        self.path = path
    }

    package var json: JSON {
        [
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [
                [
                    "tool": [
                        "driver": [
                            "name": "Loopwarden",
                            "semanticVersion": .string(loopwardenVersion),
                            "rules": .array(rules.map(descriptor(of:))),
                        ]
                    ],
                    "columnKind": "unicodeCodePoints",
                    "results": .array(report.findings.map(result(of:))),
                ]
            ],
        ]
    }

    private func descriptor(of rule: RuleDescription) -> JSON {
        [
            "id": .string(rule.code),
            "name": .string(rule.id),
            "shortDescription": ["text": .string(rule.title)],
            "fullDescription": ["text": .string(rule.summary)],
            "help": ["text": .string(rule.help), "markdown": .string("```\n\(rule.help)\n```\n")],
            "defaultConfiguration": ["level": .string(level(of: rule.severity))],
            "properties": ["tags": ["asyncio", "serverless"]],
        ]
    }

    private func result(of finding: Finding) -> JSON {
        let sites = finding.related.enumerated().map { index, site -> JSON in
            var location = location(of: site.line, in: finding.function)
            if case .object(let members) = location {
                let message = "\(site.role.rawValue) in \(site.line.function), \(site.when)"
                location = .object(
                    [.init("id", JSON(index)), .init("message", ["text": .string(message)])] + members
                )
            }
            return location
        }
        var members: [JSON.Member] = [
            .init("ruleId", .string(finding.code)),
            .init("level", .string(level(of: finding.severity))),
            .init("message", ["text": .string("\(finding.message) \(finding.advice)")]),
            .init("locations", .array(finding.site.map { [location(of: $0, in: finding.function)] } ?? [])),
            .init("relatedLocations", .array(sites)),
            .init("partialFingerprints", ["loopwarden/v1": .string(finding.fingerprint)]),
        ]
        if let index = rules.firstIndex(where: { $0.code == finding.code }) {
            members.insert(.init("ruleIndex", JSON(index)), at: 1)
        }
        return .object(members)
    }

    private func location(of line: CodeLine, in function: FunctionName) -> JSON {
        let place = path(function, line.file)
        let uri = place.hasPrefix("/") ? "file://\(Self.encoded(place))" : Self.encoded(place)
        var artifact: [JSON.Member] = [.init("uri", .string(uri))]
        // Relative ones begin where the repository does, which the code host knows by this name.
        if !place.hasPrefix("/") { artifact.append(.init("uriBaseId", "%SRCROOT%")) }
        return [
            "physicalLocation": [
                "artifactLocation": .object(artifact), "region": ["startLine": JSON(max(line.line, 1))],
            ],
            "logicalLocations": [["name": .string(line.function), "kind": "function"]],
        ]
    }

    private func level(of severity: Severity) -> String {
        switch severity {
        case .error: "error"
        case .warning: "warning"
        case .info: "note"
        }
    }

    /// With everything that a URI's path may not hold in percent notation (RFC 3986).
    private static func encoded(_ path: String) -> String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/".utf8)
        let digits = Array("0123456789ABCDEF")
        return path.utf8.reduce(into: "") { text, byte in
            text +=
                plain.contains(byte)
                ? String(UnicodeScalar(byte)) : "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }
    }
}
