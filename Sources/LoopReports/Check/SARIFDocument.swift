package import LoopModel

/// A check's findings in SARIF 2.1.0, which code hosts show beside the code.
///
/// Sources: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0; GitHub Docs, "SARIF support for
/// code scanning", for what is asked for beyond it: each result has a location, paths are relative to the repository,
/// rules have help in Markdown.
package struct SARIFDocument {
    private let report: CheckReport
    private let rules: [RuleDescription]
    private let path: (FunctionName, String) -> String
    private let source: (FunctionName, CodeLine) -> String?

    /// - Parameters:
    ///   - report: what to tell.
    ///   - rules: every rule that may be named.
    ///   - path: of a function's file, relative to where the code's repository stands where it lies inside, else absolute.
    ///   - source: the text of a line of the function's code, where it can be had.
    package init(
        _ report: CheckReport,
        rules: [RuleDescription],
        path: @escaping (FunctionName, String) -> String,
        source: @escaping (FunctionName, CodeLine) -> String? = { _, _ in nil }
    ) {
        self.report = report
        self.rules = [UnexplainedFailure.rule] + rules.sorted { $0.code < $1.code }
        self.path = path
        self.source = source
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
                    "originalUriBaseIds": ["%SRCROOT%": ["description": ["text": "The repository's folder."]]],
                    "results": .array(
                        report.findings.map(result(of:)) + report.unexplainedFailures.map(result(of:))
                    ),
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
            "help": ["text": .string(rule.help), "markdown": .string(Self.fenced(rule.help))],
            "defaultConfiguration": ["level": .string(level(of: rule.severity))],
            "properties": ["tags": ["asyncio", "serverless"], "precision": "very-high"],
        ]
    }

    // MARK: Results

    private func result(of finding: Finding) -> JSON {
        // A result needs a place to be shown at: without a culprit it is the handler's file.
        let site = finding.site ?? report.handlerLine(of: finding.function)
        let culprit = location(of: site, in: finding.function, focus: { finding.focus(in: $0) })
        let related = finding.related.enumerated().map { index, site -> JSON in
            let location = location(
                of: site.line,
                in: finding.function,
                focus: { finding.focus(in: $0, role: site.role) }
            )
            guard case .object(let members) = location else { return location }
            let message = "\(site.role.rawValue) in \(site.line.function), \(site.when)"
            return .object([.init("id", JSON(index)), .init("message", ["text": .string(message)])] + members)
        }
        return result(
            rule: finding.code,
            severity: finding.severity,
            message: "\(finding.message) \(finding.advice)",
            location: culprit,
            related: related,
            fingerprint: finding.lastingFingerprint ?? finding.fingerprint,
            known: report.knownReason(of: finding)
        )
    }

    private func result(of failure: UnexplainedFailure) -> JSON {
        let line = failure.line ?? report.handlerLine(of: failure.function)
        return result(
            rule: UnexplainedFailure.rule.code,
            severity: .error,
            message: "\(failure.function) fails: \(failure.message)",
            location: location(of: line, in: failure.function, focus: { PythonLine($0).span(ofCallTo: []) }),
            related: [],
            fingerprint: failure.lasting.fingerprint,
            known: failure.isKnown ? "" : nil
        )
    }

    // `known` says why it is lived with, which may be empty; nil: it is new.
    private func result(
        rule: String,
        severity: Severity,
        message: String,
        location: JSON,
        related: [JSON],
        fingerprint: String,
        known: String?
    ) -> JSON {
        var members: [JSON.Member] = [.init("ruleId", .string(rule))]
        if let index = rules.firstIndex(where: { $0.code == rule }) { members.append(.init("ruleIndex", JSON(index))) }
        members += [
            .init("level", .string(level(of: severity))),
            .init("message", ["text": .string(message)]),
            .init("locations", [location]),
            .init("relatedLocations", .array(related)),
            .init("partialFingerprints", ["loopwarden/v1": .string(fingerprint)]),
        ]
        guard report.comparison != nil else { return .object(members) }
        members.append(.init("baselineState", .string(known == nil ? "new" : "unchanged")))
        if let known {
            var why: [JSON.Member] = [.init("kind", "external")]
            if !known.isEmpty { why.append(.init("justification", .string(known))) }
            members.append(.init("suppressions", [.object(why)]))
        }
        return .object(members)
    }

    // MARK: Places

    private func location(of line: CodeLine, in function: FunctionName, focus: (String) -> Range<Int>) -> JSON {
        let place = SourcePlace(file: line.file)
        let path = path(function, place.path)
        var artifact: [JSON.Member] = [.init("uri", .string(Self.uri(of: path)))]
        // Relative ones begin where the repository does, which the code host knows by this name.
        if !path.hasPrefix("/") { artifact.append(.init("uriBaseId", "%SRCROOT%")) }
        // A notebook is shown as it is stored, which has no line that is a cell's.
        let region = place.cell == nil ? region(of: line, in: function, focus: focus) : ["startLine": 1]
        let name = place.cell.map { "cell \($0), line \(line.line)" } ?? line.function
        var location: [JSON.Member] = [
            .init("physicalLocation", ["artifactLocation": .object(artifact), "region": region])
        ]
        if !name.isEmpty { location.append(.init("logicalLocations", [["name": .string(name), "kind": "function"]])) }
        return .object(location)
    }

    private func region(of line: CodeLine, in function: FunctionName, focus: (String) -> Range<Int>) -> JSON {
        var members: [JSON.Member] = [.init("startLine", JSON(max(line.line, 1)))]
        if let text = source(function, line) {
            let focus = focus(text)
            if !focus.isEmpty {
                // From 1, and the end is the first that is no longer part of it.
                members.append(.init("startColumn", JSON(focus.lowerBound + 1)))
                members.append(.init("endColumn", JSON(focus.upperBound + 1)))
            }
        }
        return .object(members)
    }

    private func level(of severity: Severity) -> String {
        switch severity {
        case .error: "error"
        case .warning: "warning"
        case .info: "note"
        }
    }

    private static func uri(of path: String) -> String {
        path.hasPrefix("/") ? "file://\(encoded(path))" : encoded(path)
    }

    /// As a block of Markdown that nothing in the text can end.
    private static func fenced(_ text: String) -> String {
        var fence = "```"
        while text.contains(fence) { fence += "`" }
        return "\(fence)\n\(text)\n\(fence)\n"
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
