import Testing

@testable import LoopDaemon

@Suite("Python source")
struct PythonSourceTests {
    @Test("Top-level names are functions, classes and variables, each once, in their order")
    func names() {
        let text = """
            import os
            TIMEOUT = 3
            class Client:
                def method(self): pass
            async def handle(event, context):
                inner = 1
            def helper(): pass
            if TIMEOUT == 3: print()
            handler= make(handle)
            TIMEOUT = 4
            helper()
            x == y
            """
        #expect(PythonSource.topLevelNames(in: text) == ["TIMEOUT", "Client", "handle", "helper", "handler"])
        #expect(PythonSource.topLevelNames(in: "").isEmpty)
    }
}
