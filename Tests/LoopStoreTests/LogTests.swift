import LoopModel
import Testing

@testable import LoopStore

@Suite("Logs in the history") struct LogTests {
    private static func printed(_ text: String, at second: Int64) -> EnvironmentOutput {
        EnvironmentOutput(
            phase: .between,
            at: Samples.wall(second),
            output: LoggedText(text: text, times: [.init(line: 0, at: Samples.wall(second))])
        )
    }

    private static func filled() throws -> TemporaryStore {
        let temporary = try TemporaryStore()
        var environment = Samples.environment()
        environment.pythonVersion = "3.11.7"
        environment.logStyle = LogStyle(memory: 512, format: .text, systemLevel: .info, region: "eu-west-1")
        try temporary.store.commit([.environmentStarted(environment)])
        // More than one page.
        for number in 0..<450 {
            var record = Samples.invocation("i\(number)", ordinal: number, at: Int64(number) * 10)
            record.logTail = "said \(number)"
            record.log.times = [.init(line: 0, at: Samples.wall(Int64(number) * 10))]
            try temporary.store.commit([
                .invocationEnded(record),
                .environmentPrinted(environment.id, printed("after \(number)\n", at: Int64(number) * 10 + 5)),
            ])
        }
        return temporary
    }

    private static func texts(_ filter: LogFilter, _ temporary: TemporaryStore) async throws -> [String] {
        try await temporary.store.logs(matching: filter).lines.map(\.text)
    }

    @Test("are told in order, the newest of them, however far back they lie")
    func order() async throws {
        let temporary = try Self.filled()
        let all = try await temporary.store.logs(matching: LogFilter(limit: 10_000)).lines
        #expect(all.count == 1 + 450 * 5)
        #expect(all.map(\.at) == all.map(\.at).sorted())
        #expect(all.first?.text.hasPrefix("INIT_START Runtime Version: python:3.11.v7\t") == true)
        #expect(all.first?.text.contains("arn:aws:lambda:eu-west-1::runtime:") == true)
        #expect(
            all.suffix(5).map { $0.text.prefix(15) } == [
                "START RequestId", "said 449", "END RequestId: ", "REPORT RequestI", "after 449",
            ]
        )
        #expect(all.last { $0.text.hasPrefix("REPORT") }?.text.contains("Memory Size: 512 MB") == true)
        #expect(try await temporary.store.logs(matching: LogFilter(limit: 7)).lines == all.suffix(7))
        let until = LogFilter(since: Samples.wall(20), until: Samples.wall(25), limit: 100)
        #expect(try await Self.texts(until, temporary).filter { $0.hasPrefix("said") } == ["said 2"])
    }

    @Test("are searched step by step where that takes long, and no step tells what another does")
    func steps() async throws {
        let temporary = try Self.filled()
        let all = try await temporary.store.logs(matching: LogFilter(limit: 10_000)).lines
        temporary.options.longestSearch = .zero
        try temporary.reopen()
        var (filter, steps) = (LogFilter(limit: 10_000), [LogExcerpt]())
        repeat {
            steps.append(try await temporary.store.logs(matching: filter))
            filter.before = steps.last?.older
        } while filter.before != nil
        #expect(steps.count == 3)
        #expect(steps.reversed().flatMap(\.lines) == all)
        #expect(steps[0].older?.at == Samples.wall(2500))
        // As many as are wanted: nobody has to go on.
        let found = try await temporary.store.logs(matching: LogFilter(text: "said 44", limit: 10))
        #expect(found.lines.count == 10 && found.older == nil)
    }

    @Test("are narrowed by text, invocation, environment and function")
    func narrowed() async throws {
        let temporary = try Self.filled()
        #expect(try await Self.texts(LogFilter(text: "said 7", limit: 2), temporary) == ["said 78", "said 79"])
        #expect(try await Self.texts(LogFilter(text: "after 3\n"), temporary).isEmpty)
        #expect(try await Self.texts(LogFilter(text: "after 3", limit: 200), temporary).first == "after 3")
        let one = try await temporary.store.logs(matching: LogFilter(invocation: "i449")).lines
        #expect(one.count == 4 && one.allSatisfy { $0.invocation?.rawValue == "i449" })
        #expect(try await Self.texts(LogFilter(environment: "e2"), temporary).isEmpty)
        #expect(try await Self.texts(LogFilter(environment: "e", limit: 3), temporary).count == 3)
        #expect(try await Self.texts(LogFilter(function: FunctionName(sanitizing: "other")), temporary).isEmpty)
        #expect(try await temporary.store.knows(Samples.function))
        #expect(try await !temporary.store.knows(FunctionName(sanitizing: "other")))
    }

    @Test("go with the history that they belong to")
    func retention() async throws {
        let temporary = try Self.filled()
        while try temporary.store.prune(olderThan: Samples.wall(4400), maximumRows: 100) > 0 {}
        let left = try await Self.texts(LogFilter(limit: 10_000), temporary)
        #expect(left.filter { $0.hasPrefix("said") }.count == 10)
        #expect(left.filter { $0.hasPrefix("after") }.count == 10)
        #expect(try temporary.store.integrityCheck().faults.isEmpty)
    }
}
