import LoopModel
import LoopWire
import Testing

@Suite("A call of the Runtime API")
struct RuntimeAPICallTests {
    @Test(
        "is known by method and path",
        arguments: [
            ("GET", "runtime/invocation/next", RuntimeAPICall.next),
            ("POST", "runtime/invocation/a-1/response", .response("a-1")),
            ("POST", "runtime/invocation/a-1/error?x=y", .error("a-1")),
            ("POST", "runtime/init/error", .initError), ("GET", "runtime/restore/next", .restoreNext),
            ("POST", "runtime/restore/error", .restoreError), ("GET", "ping", .ping),
        ]
    )
    func calls(_ method: String, _ path: String, _ call: RuntimeAPICall) throws {
        #expect(try RuntimeAPICall(method: method, target: "/2018-06-01/" + path) == call)
    }

    @Test(
        "is refused where there is none",
        arguments: [
            "/", "/2018-06-01", "/2018-06-01/runtime", "/2018-06-01/runtime/invocation/a/b",
            "/2018-06-02/runtime/invocation/next", "/2018-06-01/runtime/invocation/a/response/c",
        ]
    )
    func unknown(_ path: String) {
        #expect(throws: RuntimeAPIFailure.unknownRoute(path)) { try RuntimeAPICall(method: "GET", target: path) }
    }

    @Test("wants its own method")
    func methods() {
        let path = "/2018-06-01/runtime/invocation/next"
        #expect(throws: RuntimeAPIFailure.wrongMethod("POST", expected: "GET", path: path)) {
            try RuntimeAPICall(method: "POST", target: path)
        }
    }

    @Test(
        "is refused in the words that runtimes know",
        arguments: [
            (RuntimeAPIFailure.invalidRequestID, 400, "InvalidRequestID", "Invalid request ID"),
            (
                .requestEntityTooLarge(limit: 6_291_556), 413, "RequestEntityTooLarge",
                "Exceeded maximum allowed payload size (6291556 bytes)."
            ),
            (.truncatedRequest, 400, "TruncatedHTTPRequest", "HTTP request detected as truncated"),
            (.invalidResponseMode, 400, "InvalidFunctionResponseMode", "Invalid function response mode"),
            (
                .invalidStateTransition(from: "Ready", to: "InitError"), 403, "InvalidStateTransition",
                "State transition from Ready to InitError failed for runtime. Error: State transition is not allowed"
            ),
        ]
    )
    func failures(_ failure: RuntimeAPIFailure, _ status: Int, _ type: String, _ message: String) {
        #expect(failure.status == status)
        #expect(failure.json.text == "{\"errorMessage\":\"\(message)\",\"errorType\":\"\(type)\"}")
    }

    @Test(
        "says what went wrong in a type that there is",
        arguments: [
            ("Runtime.ImportModuleError", "Runtime.ImportModuleError"), ("Function.Refused", "Function.Refused"),
            ("x Runtime.Ab y", "x Runtime.Ab y"), ("Runtime.a", "Runtime.Unknown"), ("Runtime.A", "Runtime.Unknown"),
            ("Runtime.A1", "Runtime.Unknown"), ("ZeroDivisionError", "Runtime.Unknown"), ("", "Runtime.Unknown"),
            ("Function.x", "Function.Unknown"), ("runtime.Ab", "Runtime.Unknown"),
        ]
    )
    func errorTypes(_ given: String, _ kept: String) { #expect(RuntimeErrorType.valid(given) == kept) }

    @Test("for an invocation is answered with headers, of which the empty are left out")
    func headers() {
        func headers(trace: String?, context: String?) -> [String] {
            RuntimeAPIHeaders.invocation(
                id: "a",
                deadline: WallTime(nanoseconds: 1_700_000_000_123_456_789),
                arn: "arn:x",
                traceID: trace,
                clientContext: context,
                identity: nil,
                tenantID: ""
            ).map { "\($0.name): \($0.value)" }
        }
        #expect(
            headers(trace: nil, context: nil) == [
                "Lambda-Runtime-Aws-Request-Id: a", "Lambda-Runtime-Invoked-Function-Arn: arn:x",
                "Lambda-Runtime-Deadline-Ms: 1700000000123", "Content-Type: application/json",
            ]
        )
        let full = headers(trace: "Root=1", context: "{\n  \"custom\": {}\r\n}")
        #expect(full.contains("Lambda-Runtime-Trace-Id: Root=1"))
        #expect(full.contains("Lambda-Runtime-Client-Context: {   \"custom\": {}  }"))
    }
}
