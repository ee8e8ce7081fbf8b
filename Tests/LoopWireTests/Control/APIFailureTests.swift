import LoopModel
import LoopWire
import Testing

@Suite("Failures of the control API") struct APIFailureTests {
    @Test("have names of their own, a status, and something for the shell")
    func declared() {
        let codes = APIFailure.Code.known
        #expect(Set(codes.map(\.name)).count == codes.count)
        #expect(codes.allSatisfy { (400..<600).contains($0.status) && $0.exit != .ok })
    }

    @Test("come back as they were sent", arguments: APIFailure.Code.known)
    func roundTrip(_ code: APIFailure.Code) {
        let sent = APIFailure(code, "It \"failed\".", hint: "Mend it.")
        #expect(APIFailure(status: sent.status, body: Array(sent.json.text.utf8)) == sent)
    }

    @Test("of a newer daemon keep name and text, and the shell hears what goes with the status")
    func unknownCode() {
        let body = #"{"error":{"code":"brand-new","message":"No.","more":1}}"#
        let failure = APIFailure(status: 429, body: Array(body.utf8))
        #expect(failure.code == .unknown("brand-new", status: 429))
        #expect((failure.message, failure.hint, failure.exit) == ("No.", "", .temporary))
    }

    @Test("in another form are said to be none of Loopwarden's", arguments: ["", "<html>", "{}", #"{"error":"x"}"#])
    func otherServers(_ body: String) {
        let failure = APIFailure(status: 502, body: Array(body.utf8))
        #expect(failure.message.contains("502"))
        #expect(failure.exit == .protocolBroken)
    }

    @Test("that pass are told when to try again")
    func retryAfter() {
        #expect(APIFailure.queueFull("Full.").headers.map(\.name) == ["retry-after"])
        #expect(APIFailure.queueFull("Full.").status == 429)
        #expect(APIFailure.shuttingDown.status == 503)
    }

    @Test(
        "are in the form that the client asked for",
        arguments: [
            (nil, ReplyForm.contract), ("*/*", .contract), ("application/json", .contract),
            ("application/vnd.loopwarden.document+json", .document),
            ("text/html, Application/vnd.loopwarden.document+json;q=0.9", .document),
        ] as [(String?, ReplyForm)]
    )
    func forms(_ accept: String?, _ form: ReplyForm) {
        #expect(ReplyForm(accept: accept) == form)
    }
}
