package import LoopModel

/// Which modules to import before a function's environments are forked.
package struct PreloadReport: Report {
    package let name = "preload"
    package let summary = "What to import before a function's environments are forked, by what its cold starts took."
    /// How many cold starts are looked at.
    private static let count = 20
    /// From fewer, what is said is said with a reserve.
    private static let fewest = 3

    package init() {}

    package func document(for request: ReportRequest, from history: any HistoryReading) async throws -> ReportDocument {
        let wanted = request.live.functions.first {
            request.filter.function == nil || $0.name == request.filter.function
        }
        guard let function = wanted else {
            let section = ReportDocument.Section(key: "noteText", content: .text("There is no such function."))
            return ReportDocument(schema: schema, title: "Preload", sections: [section])
        }
        let imports = try await history.imports(of: function.name, latest: Self.count)
        let suggestion = PreloadSuggestion(for: function, from: imports)
        let lines = Self.manifest(function, suggestion)
        let unseen = suggestion.refusedInList.filter { refused in
            !suggestion.modules.contains { $0.name == refused.name }
        }
        return ReportDocument(
            schema: schema,
            title: "Preload of \(function.name)",
            sections: [
                ReportDocument.Section(
                    key: "suggestion",
                    content: .fields(Self.fields(function, suggestion, lines))
                ),
                Self.table("modules", "To be preloaded", suggestion.additions, suggestion, hasReasons: false),
                Self.table(
                    "leftOut",
                    "Left out",
                    unseen + suggestion.modules.filter { $0.verdict != .preload },
                    suggestion,
                    hasReasons: true
                ),
                ReportDocument.Section(
                    key: "noteText",
                    content: .text(Self.note(function, suggestion, lines, refusal: imports.refusals.first))
                ),
            ]
        )
    }

    // MARK: What there is

    private static func fields(
        _ function: FunctionConfiguration,
        _ suggestion: PreloadSuggestion,
        _ lines: [String]
    ) -> [ReportDocument.Field] {
        let saved = suggestion.saved(isLate: false), late = suggestion.saved(isLate: true)
        let isKnown = !suggestion.coldStarts.isEmpty
        func time(_ time: Duration) -> ReportDocument.Cell { isKnown ? .duration(time) : .none }
        return [
            ReportDocument.Field("function", "Function", .text(function.name.rawValue)),
            ReportDocument.Field("startMode", "Start mode", .text(function.start.rawValue)),
            ReportDocument.Field("preloaded", "Preloaded now", list(function.preload)),
            ReportDocument.Field("coldStarts", "Cold starts looked at", .integer(suggestion.coldStarts.count)),
            ReportDocument.Field("coldStartMode", "They were", .optional(suggestion.coldStarts.first?.start.rawValue)),
            ReportDocument.Field("initNs", "Init, median", time(suggestion.initialization)),
            ReportDocument.Field("importingNs", "Imports of it", time(suggestion.importing)),
            ReportDocument.Field(
                "savedNs",
                "A fork would spare",
                isKnown
                    ? .pair(
                        shown: "\(saved.spoken), \(suggestion.share(saved)) % of init",
                        .int(saved.nanoseconds)
                    ) : .none
            ),
            ReportDocument.Field("savedPercent", "", .pair(shown: "", isKnown ? JSON(suggestion.share(saved)) : .null)),
            ReportDocument.Field(
                "savedLaterNs",
                "and in the first invocation",
                .pair(shown: late > .zero ? late.spoken : "", isKnown ? .int(late.nanoseconds) : .null)
            ),
            ReportDocument.Field("preload", "Suggested", list(suggestion.list)),
            ReportDocument.Field("manifest", "", .pair(shown: "", .array(lines.map(JSON.string)))),
        ]
    }

    private static func list(_ names: [String]) -> ReportDocument.Cell {
        .pair(shown: names.joined(separator: ", "), .array(names.map(JSON.string)))
    }

    private static func table(
        _ key: String,
        _ title: String,
        _ modules: [PreloadSuggestion.Evidence],
        _ suggestion: PreloadSuggestion,
        hasReasons: Bool
    ) -> ReportDocument.Section {
        let total = suggestion.coldStarts.count
        return ReportDocument.Section(
            key: key,
            title: title,
            content: .table(
                columns: [
                    ReportDocument.Column("module", "Module"),
                    ReportDocument.Column("imported", "Imported", isTrailing: true, rank: 2),
                    ReportDocument.Column("medianNs", "Median", isTrailing: true),
                    ReportDocument.Column("percent", "Of init", isTrailing: true, rank: 1),
                    ReportDocument.Column("phase", "In", isHidden: hasReasons, rank: 3),
                    ReportDocument.Column("ownNs", "Without its imports", isHidden: true),
                    ReportDocument.Column("verdict", "Verdict", isHidden: true),
                    ReportDocument.Column("reason", "Why"),
                ],
                rows: modules.map { module in
                    let isLate = module.traits.contains(.late)
                    let share = suggestion.share(module.time)
                    return [
                        .text(module.name),
                        .pair(shown: module.count > 0 ? "\(module.count) of \(total)" : "", JSON(module.count)),
                        module.count > 0 ? .duration(module.time) : .none,
                        module.count == 0 || isLate ? .none : .pair(shown: "\(share) %", JSON(share)),
                        module.count == 0 ? .none : .text(isLate ? "first invocation" : "init"),
                        module.count > 0 ? .duration(module.ownTime) : .none,
                        .text(module.verdict.word),
                        .text(module.verdict.reason),
                    ]
                }
            )
        )
    }

    // MARK: What to do

    /// The lines for the manifest; none: it is as it should be, or nothing is known.
    private static func manifest(_ function: FunctionConfiguration, _ suggestion: PreloadSuggestion) -> [String] {
        guard unfit(function) == nil, !suggestion.coldStarts.isEmpty,
            function.start != .fork || suggestion.list != function.preload
        else { return [] }
        let preload = "preload: [\(suggestion.list.joined(separator: ", "))]"
        return ["start: fork"] + (suggestion.list.isEmpty ? [] : [preload])
    }

    /// Why nothing can be forked for a function, or nothing be known; nil: it can.
    private static func unfit(_ function: FunctionConfiguration) -> String? {
        if function.runtime != "python" {
            return "\(function.name) brings its own runtime, which starts itself: nothing can be preloaded for it."
        }
        if function.host == .awsLambdaRic {
            return """
                \(function.name) is run by awslambdaric, which is never forked, and nobody notes what it imports. Leave “engine: ric”
                out for a while, and have some cold starts: \(more(function))
                """
        }
        return nil
    }

    /// What makes cold starts to go by.
    private static func more(_ function: FunctionConfiguration) -> String {
        "loopwarden invoke \(function.name) --cold --count 5"
    }

    private static func note(
        _ function: FunctionConfiguration,
        _ suggestion: PreloadSuggestion,
        _ lines: [String],
        refusal: String?
    ) -> String {
        if let unfit = unfit(function) { return unfit }
        let more = more(function)
        guard let start = suggestion.coldStarts.first?.start else {
            if function.probe == .off {
                return """
                    Nothing is known of its imports: with “probe: off” nobody looks. Leave that line out for a while,
                    and have some cold starts: \(more)
                    """
            }
            return "Nothing is known of its imports yet: no cold start was recorded with them. Have some: \(more)"
        }
        var text: [String] = []
        if function.start == .fork, start == .spawn, let refusal {
            text.append("Its environments were not forked: \(refusal).")
        }
        if lines.isEmpty {
            text.append("The manifest is as it should be: nothing else that it imports takes long.")
        } else {
            if function.source.hasSuffix(".py") {
                text.append("It is a bare file. In a folder with it, the plugin.yaml of which names the handler:")
            } else if function.start == .fork {
                text.append("In \(function.source), in place of what is there:")
            } else {
                text.append("In \(function.source):")
            }
            text += [""] + lines.map { "  " + $0 } + [""]
            if suggestion.list.isEmpty {
                text.append("Nothing that it imports is worth a list. A fork spares the interpreter's start.")
            } else if function.start == .fork {
                text += difference(function, suggestion)
            } else {
                text.append("A fork spares the interpreter's start, too.")
            }
            if !suggestion.additions.isEmpty {
                text += [
                    "The first zygote says whether they can be shared. If not, environments are spawned as before,",
                    "the daemon's log says why, and this command leaves the module out.",
                ]
            }
        }
        if suggestion.coldStarts.count < fewest {
            text.append("That is from few cold starts; for more: \(more)")
        }
        return text.joined(separator: "\n")
    }

    private static func difference(_ function: FunctionConfiguration, _ suggestion: PreloadSuggestion) -> [String] {
        let added = suggestion.list.filter { !function.preload.contains($0) }
        let removed = function.preload.filter { !suggestion.list.contains($0) }
        return (added.isEmpty ? [] : ["New: \(added.joined(separator: ", "))."])
            + (removed.isEmpty ? [] : ["Gone: \(removed.joined(separator: ", "))."])
    }
}
