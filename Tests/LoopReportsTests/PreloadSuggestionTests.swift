import LoopModel
import Testing

@testable import LoopReports

@Suite("Suggestions of what to preload") struct PreloadSuggestionTests {
    private var function: FunctionConfiguration {
        FunctionConfiguration(
            name: SampleHistory.function,
            root: "/srv/orders",
            source: "/srv/orders/plugin.yaml",
            handler: "handler.handler"
        )
    }

    private func module(_ name: String, _ milliseconds: Double, _ traits: ModuleImport.Traits = []) -> ModuleImport {
        ModuleImport(name: name, time: .milliseconds(milliseconds), ownTime: .zero, traits: traits)
    }

    private func start(_ modules: [ModuleImport], start: StartMode = .spawn, init time: Double = 200) -> ColdStartRecord
    {
        ColdStartRecord(
            environment: SampleHistory.environment,
            start: start,
            startedAt: SampleHistory.start,
            initialization: .milliseconds(time),
            importing: .milliseconds(100),
            modules: modules
        )
    }

    /// The verdict on one module that was imported in all of some cold starts.
    private func verdict(
        _ imported: ModuleImport,
        count: Int = 4,
        of total: Int = 4,
        init time: Double = 200
    )
        -> PreloadVerdict?
    {
        let starts = (0..<total).map { start($0 < count ? [imported] : [], init: time) }
        return PreloadSuggestion(for: function, from: ImportHistory(coldStarts: starts)).modules.first?.verdict
    }

    @Test("take what is imported often and takes long, and nothing else")
    func verdicts() {
        #expect(verdict(module("boto3", 90)) == .preload)
        #expect(verdict(module("botocore.session", 1)) == .preload)
        #expect(verdict(module("handler", 90, .own)) == .own)
        #expect(verdict(module("remote", 90, .elsewhere)) == .elsewhere)
        #expect(verdict(module("sentry", 90, .leavesThread)) == .thread)
        #expect(verdict(module("asyncio", 90)) == .always)
        #expect(verdict(module("asyncio.queues", 90)) == .always)
        #expect(verdict(module("not-a-name", 90)) == .unnamed)
        #expect(verdict(module("a\u{1B}", 90)) == .unnamed)
        #expect(verdict(module("boto3", 90), count: 1) == .rare)
        #expect(verdict(module("boto3", 90), count: 2) == .preload)
        #expect(verdict(module("decimal", 0.9)) == .cheap)
        // Of a fork's few milliseconds.
        #expect(verdict(module("decimal", 0.9), init: 5) == .preload)
    }

    @Test("count the latest cold starts that began in the same way")
    func latest() {
        let forked = start([module("new", 5)], start: .fork, init: 10)
        let spawned = start([module("old", 90)])
        let history = ImportHistory(coldStarts: [forked, forked] + Array(repeating: spawned, count: 9))
        let suggestion = PreloadSuggestion(for: function, from: history)
        #expect(suggestion.coldStarts.count == 2)
        #expect(suggestion.modules.map(\.name) == ["new"])
        #expect(suggestion.saved(isLate: false) == Duration.milliseconds(5))
        #expect(suggestion.share(Duration.milliseconds(5)) == 50)
        let empty = PreloadSuggestion(for: function, from: ImportHistory())
        #expect(empty.list.isEmpty)
        #expect(empty.saved(isLate: false) == Duration.zero)
        #expect(empty.share(Duration.seconds(1)) == 0)
    }

    @Test("keep what is listed unless a zygote has refused it")
    func listed() {
        var function = function
        (function.start, function.preload) = (.fork, ["numpy", "grpc"])
        let history = ImportHistory(
            coldStarts: [start([module("grpc", 50), module("grpc.aio", 9), module("boto3", 40), module("numpy", 60)])],
            refusals: ["grpc starts a thread when it is imported", "the zygote ended, or was not ready in time"]
        )
        let suggestion = PreloadSuggestion(for: function, from: history)
        #expect(suggestion.list == ["numpy", "boto3", "grpc.aio"])
        #expect(suggestion.refusedInList.map(\.name) == ["grpc"])
        let refused = suggestion.modules.first { $0.name == "grpc" }?.verdict
        #expect(refused == PreloadVerdict.refused("starts a thread when it is imported"))
        // Those that a fork has: numpy, boto3, grpc.aio.
        #expect(suggestion.saved(isLate: false) == Duration.milliseconds(109))
    }

    @Test("say what to do where nothing can be suggested")
    func notes() async throws {
        func text(_ change: (inout FunctionConfiguration) -> Void) async throws -> String {
            var function = function
            change(&function)
            let request = ReportRequest(
                filter: HistoryFilter(function: function.name),
                live: LiveState(functions: [function])
            )
            let document = try await PreloadReport().document(for: request, from: SampleHistory(isEmpty: true))
            return document.rendered(as: .table(width: 0, colour: false))
        }
        #expect(try await text { _ in }.contains("loopwarden invoke orders --cold --count 5"))
        #expect(try await text { $0.probe = .off }.contains("probe: off"))
        #expect(try await text { $0.runtime = "provided" }.contains("brings its own runtime"))
        let ric = try await text { $0.host = .awsLambdaRic }
        #expect(ric.contains("awslambdaric") && ric.contains("“engine: ric”") && ric.contains("--cold --count 5"))
        #expect(try await !text { _ in }.contains("start: fork"))
    }
}
