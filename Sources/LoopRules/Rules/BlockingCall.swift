package import LoopModel

/// A call in the loop's thread holds the loop up.
///
/// One finding for each blocking line and invocation; its site is the user's line, with what it called on the way to
/// where it blocks. Where a line waits for its own loop, ``Deadlock`` tells it. What a library computes in the cold
/// invocation is not told: it mostly sets itself up, once (certificates are read, models built, templates compiled).
package struct BlockingCall: DetectionRule {
    package let id = "blocking-call"
    package let code = "LW501"
    package let title = "A call blocks the event loop"
    package let severity = Severity.warning
    package let underFault = FaultBearing.passes
    package let summary = "While a call in the loop's thread does not return, no other task of the loop can go on."
    package let wakingKinds: EventKinds = [.loopBlocked]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                A loop runs all its tasks in one thread and changes between them at await only. A call that sleeps, \
                waits for a socket, a file, a lock or a child process, or computes for long, keeps the thread: no other \
                task runs, no timeout fires, no connection is served meanwhile. It is seen from outside, by what the \
                kernel says of the thread; time in which the process was frozen, debugged or had no CPU is not counted.
                """,
            whyOnlyWarm: """
                It blocks cold and warm alike. In a test with one request at a time nothing else wants to run, so that \
                it is only slow; under load, or with gather(), everything waits for one call.
                """,
            broken: """
                import asyncio
                import time


                async def fetch(name):
                    time.sleep(0.3)
                    return name


                async def work():
                    return await asyncio.gather(fetch("a"), fetch("b"))


                def handler(event, context):
                    return asyncio.run(work())
                """,
            fixed: """
                import asyncio


                async def fetch(name):
                    await asyncio.sleep(0.3)
                    return name


                async def work():
                    return await asyncio.gather(fetch("a"), fetch("b"))


                def handler(event, context):
                    return asyncio.run(work())
                """,
            seeAlso: [
                "https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code",
                "https://docs.python.org/3/library/asyncio-task.html#asyncio.to_thread",
            ]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        let waits = timeline.ownLoopWaits
        var blocks: [Block] = []
        for observation in timeline.observations(.loopBlocked) {
            guard let block = Block(observation), !waits.contains(block.site.line.description) else { continue }
            if let index = blocks.firstIndex(where: { $0.isOf(block) }) {
                blocks[index].add(block)
            } else {
                blocks.append(block)
            }
        }
        return blocks.map { block in
            timeline.finding(
                of: self,
                severity: severity,
                ordinal: block.ordinal,
                site: block.site.line,
                related: [RelatedSite(role: .blocked, ordinal: block.ordinal, line: block.site.line)]
                    + block.called + block.callers,
                message: [block.sentence, block.path, block.starvation, timeline.unharmed(block.ordinal)],
                advice: [block.advice(python: timeline.environment.pythonVersion)]
            )
        }
    }
}

/// What one line has blocked in one invocation.
private struct Block {
    let site: CodeSite
    let ordinal: Int
    let called: [RelatedSite]
    let callers: [RelatedSite]
    private let wait: String
    private let loop: LoopSerial?
    private var longest: Duration
    private var total: Duration
    private var times = 1
    private var isStarved: Bool

    init?(_ observation: Observation) {
        let event = observation.event
        guard let site = event.site, let ordinal = event.ordinal else { return nil }
        self.site = site
        self.ordinal = ordinal
        called = observation.related.filter { $0.role == .called }
        callers = observation.related.filter { $0.role == .caller }
        wait = event.detail ?? ""
        loop = event.loop
        longest = .nanoseconds(event.value)
        total = longest
        isStarved = event.flags.contains(.starved)
        if ordinal == 0, wait == "computing", !called.isEmpty { return nil }
    }

    /// Whether both are of one line in one invocation.
    func isOf(_ other: Block) -> Bool { site.line == other.site.line && ordinal == other.ordinal }

    mutating func add(_ other: Block) {
        longest = max(longest, other.longest)
        total += other.total
        times += other.times
        isStarved = isStarved || other.isStarved
    }

    var sentence: String {
        let loop = loop.map { "\($0)" } ?? "the event loop"
        let span =
            times == 1
            ? "for at least \(longest.inMilliseconds)"
            : "\(times) times, for at least \(longest.inMilliseconds) at a time and \(total.inMilliseconds) in all"
        return "\(loop.sentence) stood still in \(named(ordinal)) \(span), at \(site.line.short): \(doing)."
    }

    /// What the thread did meanwhile.
    private var doing: String {
        switch wait {
        case "time": "the thread slept"
        case "data", "readiness": "the thread waited for a socket or pipe"
        case "child": "the thread waited for a child process"
        case "lock": "the thread waited for another thread"
        case "file": "the thread waited for a file"
        case "computing": "the thread computed"
        default: "the thread waited in a system call"
        }
    }

    /// Through which calls it came there.
    var path: String? {
        guard let last = called.last else { return nil }
        let packages = called.map(\.line).filter { !$0.isMachinery }.map(\.packageName)
        var unique: [String] = []
        for package in packages where !unique.contains(package) { unique.append(package) }
        let through = unique.isEmpty ? "" : "through \(unique.joined(separator: " and ")), "
        return "It was in \(last.line.function)() then, \(through)at \(last.line.short)."
    }

    var starvation: String? {
        isStarved ? "The machine was short of CPU at the time, so that it took longer than it would have." : nil
    }

    func advice(python: String?) -> String {
        let lines = called.map(\.line)
        if let known = SyncLibrary.all.first(where: { $0.appears(in: lines) }) { return known.advice }
        if wait == "time" { return "Use await asyncio.sleep(...) in place of time.sleep(...)." }
        let thread = Self.hasToThread(python) ? "await asyncio.to_thread(...)" : Self.executor
        switch wait {
        case "computing":
            return
                "Move it off the loop: \(thread) keeps the loop alive, a ProcessPoolExecutor also uses a second CPU; or put await asyncio.sleep(0) between the parts."
        case "child":
            return "Use await asyncio.create_subprocess_exec(...) and await its communicate() or wait()."
        case "lock":
            return "Use asyncio's own Queue, Lock or Event between tasks; to wait for a thread, use "
                + "await asyncio.wrap_future(...) or \(thread)."
        default:
            return "Use an async client for it, or run it in a thread by \(thread)."
        }
    }

    private static let executor = "await loop.run_in_executor(None, ...)"

    /// From 3.9 on.
    private static func hasToThread(_ python: String?) -> Bool { python?.hasPrefix("3.8.") == false }
}

/// A library that blocks, and what does the same without.
private struct SyncLibrary {
    /// Names of installed packages, or of files of the standard library.
    let names: [String]
    let advice: String

    func appears(in lines: [CodeLine]) -> Bool {
        lines.contains { line in
            line.isMachinery ? names.contains(line.moduleName) : names.contains(line.packageName)
        }
    }

    /// What is used by others comes after them.
    static let all = [
        Self(
            names: ["boto3", "botocore", "s3transfer"],
            advice: "Use aioboto3 or aiobotocore, or await asyncio.to_thread(...) around the boto3 call."
        ),
        Self(names: ["pymongo"], advice: "Use pymongo's AsyncMongoClient, or motor, in place of the sync client."),
        Self(names: ["redis"], advice: "Use redis.asyncio in place of redis; the calls have the same names."),
        Self(names: ["pymysql", "MySQLdb", "mysql"], advice: "Use aiomysql or asyncmy in place of the sync driver."),
        Self(names: ["psycopg2"], advice: "Use psycopg 3's AsyncConnection, or asyncpg, in place of psycopg2."),
        Self(names: ["psycopg", "pg8000"], advice: "Use psycopg's AsyncConnection, or asyncpg."),
        Self(
            names: ["sqlalchemy"],
            advice: "Use create_async_engine() and AsyncSession of sqlalchemy.ext.asyncio with an async driver."
        ),
        Self(
            names: ["requests", "urllib3", "urllib/request", "http/client", "httplib2", "pycurl"],
            advice: "Use an async HTTP client: httpx.AsyncClient or aiohttp.ClientSession."
        ),
        Self(
            names: ["httpx", "httpcore"],
            advice: "Use httpx.AsyncClient in place of httpx.Client, and await its calls."
        ),
        Self(names: ["grpc"], advice: "Use grpc.aio in place of the sync stubs and channels."),
        Self(names: ["paramiko"], advice: "Use asyncssh, or await asyncio.to_thread(...) around the call."),
        Self(names: ["smtplib"], advice: "Use aiosmtplib, or await asyncio.to_thread(...) around the call."),
        Self(
            names: ["subprocess"],
            advice: "Use await asyncio.create_subprocess_exec(...) and await its communicate() or wait()."
        ),
        Self(
            names: ["concurrent/futures/_base"],
            advice: "Await it: await asyncio.wrap_future(future), or loop.run_in_executor(...) to begin with."
        ),
        Self(
            names: ["queue"],
            advice: "Use asyncio.Queue between tasks; to wait for a thread's queue, await asyncio.to_thread(queue.get)."
        ),
        Self(
            names: ["socket", "ssl"],
            advice: "Use asyncio.open_connection(...), which connects, reads and writes without blocking the loop."
        ),
    ]
}

extension CodeLine {
    /// Of a file of the standard library: `subprocess`, `http/client`.
    fileprivate var moduleName: String {
        var parts = short.split(separator: ":").first.map { $0.split(separator: "/") } ?? []
        if let last = parts.popLast() { parts.append(last.hasSuffix(".py") ? last.dropLast(3) : last) }
        return parts.joined(separator: "/")
    }
}

extension Duration {
    /// `312 ms`, `2.5 s`.
    fileprivate var inMilliseconds: String {
        let milliseconds = nanoseconds / 1_000_000
        guard milliseconds >= 1000 else { return "\(milliseconds) ms" }
        return "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
    }
}
