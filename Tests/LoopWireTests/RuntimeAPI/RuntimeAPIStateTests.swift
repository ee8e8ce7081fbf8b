import LoopWire
import Testing

@Suite("The state of a runtime")
struct RuntimeAPIStateTests {
    /// One that has been given an invocation.
    private func running(_ id: String = "a") throws -> RuntimeAPIState {
        var state = RuntimeAPIState()
        #expect(try state.next() == .loaded)
        state.began(id)
        return state
    }

    @Test("goes round: loaded, given, answered, free")
    func round() throws {
        var state = try running()
        #expect(state.running == "a")
        try state.answer("a", isError: false)
        #expect(state.running == nil)
        state.answered()
        #expect(try state.next() == .free)
        state.began("b")
        try state.answer("b", isError: true)
        state.answered()
        #expect(try state.next() == .free)
    }

    @Test("gives the same invocation to who asks again, and lets who waits wait")
    func again() throws {
        var state = try running()
        #expect(try state.next() == .again)
        var waiting = RuntimeAPIState()
        _ = try waiting.next()
        #expect(try waiting.next() == .waiting)
    }

    @Test("looks at the id first, and only then whether an answer is due")
    func order() throws {
        var state = try running()
        #expect(throws: RuntimeAPIFailure.invalidRequestID) { try state.answer("b", isError: false) }
        try state.answer("a", isError: false)
        #expect(throws: RuntimeAPIFailure.invalidRequestID) { try state.answer("b", isError: false) }
        let twice = RuntimeAPIFailure.invalidStateTransition(from: "InvocationResponse", to: "InvocationErrorResponse")
        #expect(throws: twice) { try state.answer("a", isError: true) }
        state.answered()
        let late = RuntimeAPIFailure.invalidStateTransition(from: "RuntimeResponseSentState", to: "InvocationResponse")
        #expect(throws: late) { try state.answer("a", isError: false) }
        _ = try state.next()
        #expect(throws: RuntimeAPIFailure.invalidRequestID) { try state.answer("a", isError: false) }
    }

    @Test("knows no invocation before the first")
    func nothing() throws {
        var state = RuntimeAPIState()
        #expect(throws: RuntimeAPIFailure.invalidRequestID) { try state.answer("a", isError: false) }
        state.began("a")
        #expect(throws: RuntimeAPIFailure.invalidRequestID) { try state.answer("a", isError: false) }
    }

    @Test("takes an error of loading once, and nothing afterwards")
    func initError() throws {
        var state = RuntimeAPIState()
        try state.initError()
        #expect(throws: RuntimeAPIFailure.invalidStateTransition(from: "InitError", to: "InitError")) {
            try state.initError()
        }
        #expect(throws: RuntimeAPIFailure.invalidStateTransition(from: "InitError", to: "Ready")) { try state.next() }
        var late = try running()
        #expect(throws: RuntimeAPIFailure.invalidStateTransition(from: "Running", to: "InitError")) {
            try late.initError()
        }
    }

    @Test("is restored at once")
    func restore() throws {
        var state = RuntimeAPIState()
        try state.restoreNext()
        #expect(try state.next() == .loaded)
        #expect(throws: RuntimeAPIFailure.self) { try state.restoreNext() }
        #expect(throws: RuntimeAPIFailure.self) { try state.restoreError() }
        var broken = RuntimeAPIState()
        try broken.restoreNext()
        try broken.restoreError()
        #expect(throws: RuntimeAPIFailure.self) { try broken.next() }
    }
}
