import LoopModel
import Testing

@testable import LoopRunner

@Suite("A stack that faulthandler has written")
struct StackDumpTests {
    private static let root = "/srv/orders/"
    private static let python = "/usr/lib/python3.11/"
    private static let kinds = FileKinds(root: root, host: "/run/loopwarden/probe-", vendored: ["requests", "six.py"])
    private static let loop = [
        frame(python + "asyncio/events.py", 84, "_run"), frame(python + "asyncio/base_events.py", 1922, "_run_once"),
        frame(python + "asyncio/base_events.py", 607, "run_forever"),
    ]
    private static let host = [
        frame("/run/loopwarden/probe-12/loopwarden_worker/worker.py", 150, "_call"),
        frame("/run/loopwarden/probe-12/bootstrap.py", 16, "<module>"),
    ]

    private static func frame(_ file: String, _ line: Int, _ function: String) -> CodeLine {
        CodeLine(file: file, line: line, function: function)
    }

    @Test("is read, the innermost frame first")
    func read() {
        let text = """
            Stack (most recent call first):
              File "/srv/a \\xe9\\u20ac/b\\x41.py", line 12 in caf\\xe9
              File "/srv/odd", line 1 in name", line 7 in <module>
              File "/srv/c.py", line ??? in lost

            """
        #expect(
            StackDump(text)?.frames == [
                Self.frame("/srv/a é€/b\\x41.py", 12, "café"), Self.frame("/srv/odd\", line 1 in name", 7, "<module>"),
            ]
        )
    }

    @Test("is the last of several, and is not there before its last line is whole")
    func several() {
        let one = "Stack (most recent call first):\n  File \"/a.py\", line 1 in f\n"
        let two = "Stack (most recent call first):\n  File \"/b.py\", line 2 in g\n"
        #expect(StackDump(one + two)?.frames.map(\.file) == ["/b.py"])
        #expect(StackDump(one + two.dropLast(3)) == nil)
        #expect(StackDump("") == nil)
        #expect(StackDump("Stack (most recent call first):\n") == nil)
        #expect(StackDump("  File \"/a.py\", line 1 in f\n") == nil)
    }

    @Test("blames the user's innermost line, with what it called and who called it")
    func blame() throws {
        let dump = StackDump(
            frames: [
                Self.frame(Self.python + "socket.py", 700, "readinto"),
                Self.frame("/srv/orders/requests/api.py", 59, "request"),
                Self.frame("/srv/orders/shop/client.py", 9, "fetch"), Self.frame("/srv/orders/handler.py", 20, "work"),
            ] + Self.loop + [Self.frame("/srv/orders/handler.py", 30, "handler")] + Self.host
        )
        let stack = try #require(BlockedStack(dump, run: nil, kinds: Self.kinds))
        #expect(stack.site.line.description == "shop/client.py:9" && stack.site.isUserCode)
        #expect(stack.site.via?.description == "requests/api.py:59")
        #expect(stack.called.map(\.description) == ["requests/api.py:59", "/usr/lib/python3.11/socket.py:700"])
        #expect(stack.callers.map(\.description) == ["handler.py:20"])
    }

    @Test("keeps the ends of a long way")
    func longWay() throws {
        let way = (0..<20).map { Self.frame(Self.python + "a\($0).py", 1, "f") }
        let dump = StackDump(frames: way + [Self.frame("/srv/orders/handler.py", 20, "work")] + Self.loop)
        let stack = try #require(BlockedStack(dump, run: nil, kinds: Self.kinds))
        let names = stack.called.map { $0.file.dropFirst(Self.python.count) }
        #expect(names == ["a19.py", "a18.py", "a17.py", "a2.py", "a1.py", "a0.py"])
    }

    private struct Case: CustomTestStringConvertible {
        var testDescription: String
        var frames: [CodeLine]
    }

    private static let innocent: [Case] = [
        Case(
            testDescription: "while asyncio idles",
            frames: [frame(python + "selectors.py", 468, "select")] + loop.dropFirst()
        ),
        Case(testDescription: "while asyncio works by itself", frames: loop),
        Case(
            testDescription: "for code outside the loop",
            frames: loop + [frame("/srv/orders/handler.py", 9, "handler")] + host
        ),
        Case(
            testDescription: "while modules are imported",
            frames: [
                frame("/srv/orders/big.py", 3, "<module>"), frame("<frozen importlib._bootstrap>", 241, "_call"),
                frame("/srv/orders/handler.py", 9, "work"),
            ] + loop
        ),
        Case(
            testDescription: "in a debugger",
            frames: [frame(python + "bdb.py", 90, "trace_dispatch"), frame("/srv/orders/handler.py", 9, "work")] + loop
        ),
        Case(
            testDescription: "for a library that has a task of its own",
            frames: [frame("/opt/lib/python3.11/site-packages/redis/a.py", 4, "beat")] + loop
        ),
        Case(
            testDescription: "for what uvloop does under the line that runs it",
            frames: [frame("/srv/orders/handler.py", 30, "handler")] + host
        ),
    ]

    @Test("blames nobody", arguments: innocent)
    private func nobody(_ innocent: Case) {
        let run = Self.frame("handler.py", 30, "handler")
        #expect(BlockedStack(StackDump(frames: innocent.frames), run: run, kinds: Self.kinds) == nil)
    }

    @Test("blames a coroutine that uvloop runs")
    func uvloop() throws {
        let frames = [
            Self.frame("/srv/orders/handler.py", 12, "work"), Self.frame("/srv/orders/handler.py", 30, "handler"),
        ]
        let run = Self.frame("handler.py", 30, "handler")
        let stack = try #require(BlockedStack(StackDump(frames: frames + Self.host), run: run, kinds: Self.kinds))
        #expect(stack.site.line.line == 12)
    }
}
