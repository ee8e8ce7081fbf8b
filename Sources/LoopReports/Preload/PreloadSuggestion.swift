import LoopModel

/// Which modules should be imported before a function's environments are forked, as its cold starts speak for it.
struct PreloadSuggestion {
    /// The cold starts that count: those of the latest that began as the latest one did.
    let coldStarts: [ColdStartRecord]
    /// Medians of theirs.
    let initialization: Duration
    let importing: Duration
    /// What was imported in them, what takes longest first.
    let modules: [Evidence]
    /// Those that are proposed and not listed yet.
    let additions: [Evidence]
    /// What the manifest should list: what it lists and nobody refuses, then what is new.
    let list: [String]
    /// What the manifest lists and a zygote has refused.
    let refusedInList: [Evidence]

    /// What is known of a module.
    struct Evidence {
        var name: String
        /// In how many of the cold starts it was imported.
        var count: Int
        /// Medians of these; zero for what was never seen to be imported.
        var time: Duration
        var ownTime: Duration
        var traits: ModuleImport.Traits
        var verdict = PreloadVerdict.preload
    }

    init(for function: FunctionConfiguration, from history: ImportHistory) {
        let latest = history.coldStarts.first
        let coldStarts = history.coldStarts.filter { $0.start == latest?.start }
        let initialization = Self.median(coldStarts.map(\.initialization))
        let seen = Dictionary(grouping: coldStarts.flatMap(\.modules), by: \.name)
        let modules = seen.values.compactMap(Evidence.init).map { evidence in
            var evidence = evidence
            evidence.verdict = PreloadVerdict(
                on: evidence,
                for: function,
                coldStarts: coldStarts.count,
                initialization: initialization,
                refusals: history.refusals
            )
            return evidence
        }.sorted { ($1.time, $0.name) < ($0.time, $1.name) }
        refusedInList = function.preload.compactMap { name in
            PreloadVerdict.refusal(of: name, among: history.refusals).map { reason in
                Evidence(
                    name: name,
                    count: 0,
                    time: .zero,
                    ownTime: .zero,
                    traits: [],
                    verdict: .refused(reason)
                )
            }
        }
        let refused = Set(refusedInList.map(\.name))
        let additions = modules.filter { $0.verdict == .preload }
        list = function.preload.filter { !refused.contains($0) } + additions.map(\.name)
        importing = Self.median(coldStarts.map(\.importing))
        self.coldStarts = coldStarts
        self.initialization = initialization
        self.modules = modules
        self.additions = additions
    }

    /// Of one cold start, what a fork would spare of importing: in the first invocation, or while the handler is loaded.
    func saved(isLate: Bool) -> Duration {
        let spared = Set(modules.filter(\.verdict.isSpared).map(\.name))
        let times = coldStarts.map { start in
            start.modules.filter { spared.contains($0.name) && $0.traits.contains(.late) == isLate }.map(\.time)
                .reduce(Duration.zero, +)
        }
        return Self.median(times)
    }

    /// What part of loading the handler some time is, in percent.
    func share(_ time: Duration) -> Int {
        let whole = initialization.nanoseconds
        guard whole > 0 else { return 0 }
        return Int((Double(time.nanoseconds) * 100 / Double(whole)).rounded())
    }

    private static func median(_ times: [Duration]) -> Duration { Percentiles(of: times)?.p50 ?? .zero }
}

extension PreloadSuggestion.Evidence {
    /// - Parameter imports: of one module, in as many cold starts.
    fileprivate init?(_ imports: [ModuleImport]) {
        guard let first = imports.first, let time = Percentiles(of: imports.map(\.time))?.p50,
            let ownTime = Percentiles(of: imports.map(\.ownTime))?.p50
        else { return nil }
        self.init(
            name: first.name,
            count: imports.count,
            time: time,
            ownTime: ownTime,
            traits: imports.reduce([]) { $0.union($1.traits) }
        )
    }
}
