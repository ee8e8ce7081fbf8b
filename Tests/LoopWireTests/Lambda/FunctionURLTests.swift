import LoopModel
import LoopWire
import Testing

@Suite("A function URL")
struct FunctionURLTests {
    private func event(_ url: FunctionURL?) throws -> JSON {
        // 2020-03-12T19:03:58Z
        let time = WallTime(nanoseconds: 1_584_039_838_000_000_000)
        return try #require(url).event(InvocationID(rawValue: "id"), at: time, from: "127.0.0.1")
    }

    @Test("becomes an event of payload format 2.0")
    func event() throws {
        let event = try event(
            FunctionURL(
                "POST",
                "/lambda-url/orders/a%20b/c?x=1&y=%C3%A4+b&x=2",
                headers: [
                    .init("Host", "localhost:9001"), .init("X-Two", "1"), .init("x-two", "2"),
                    .init("Cookie", "a=b; c=d"), .init("Content-Type", "application/json"),
                ],
                body: Array(#"{"a":1}"#.utf8)
            )
        )
        #expect(event["rawPath"] == "/a%20b/c")
        #expect(event["rawQueryString"] == "x=1&y=%C3%A4+b&x=2")
        #expect(event["queryStringParameters"] == ["x": "1,2", "y": "ä b"])
        #expect(event["headers"] == ["content-type": "application/json", "host": "localhost:9001", "x-two": "1,2"])
        #expect(event["cookies"] == ["a=b", "c=d"])
        #expect((event["body"], event["isBase64Encoded"]) == (#"{"a":1}"#, false))
        let context = event["requestContext"]
        #expect((context?["time"], context?["timeEpoch"]) == ("12/Mar/2020:19:03:58 +0000", 1_584_039_838_000))
        #expect(context?["http"]?["method"] == "POST")
    }

    @Test("carries what is no text as Base64")
    func binary() throws {
        let image: [FunctionURL.Header] = [.init("content-type", "image/png")]
        let event = try event(FunctionURL("PUT", "/lambda-url/orders", headers: image, body: [1, 2, 255]))
        #expect((event["body"], event["isBase64Encoded"], event["rawPath"]) == ("AQL/", true, "/"))
        let wrong = try self.event(FunctionURL("PUT", "/lambda-url/orders", headers: [], body: [0xFF]))
        #expect(wrong["isBase64Encoded"] == true)
    }

    @Test("names a function", arguments: ["/lambda-url/", "/lambda-url/a.b/c", "/2015-03-31/functions/"])
    func names(_ target: String) {
        #expect(FunctionURL("GET", target, headers: [], body: []) == nil)
    }

    @Test("is answered with what the function says, or with all that it returned")
    func replies() throws {
        let told = try #require(
            FunctionURLReply(
                result: Array(
                    #"{"statusCode": 201, "headers": {"X-A": 1, "Content-Length": "9"}, "cookies": ["a=b"], "body": "hi"}"#
                        .utf8
                )
            )
        )
        #expect((told.status, told.body) == (201, Array("hi".utf8)))
        let expected: [FunctionURL.Header] = [
            .init("x-a", "1"), .init("set-cookie", "a=b"), .init("content-type", "application/json"),
        ]
        #expect(told.headers == expected)
        #expect(FunctionURLReply(result: Array(#"{"a": 1}"#.utf8))?.body == Array(#"{"a": 1}"#.utf8))
        #expect(FunctionURLReply(result: Array(#""plain""#.utf8))?.body == Array("plain".utf8))
        let coded = FunctionURLReply(result: Array(#"{"statusCode":"200","body":"AQI=","isBase64Encoded":true}"#.utf8))
        #expect(coded?.body == [1, 2])
    }

    @Test(
        "is not answered with nonsense",
        arguments: [
            "oops", #"{"statusCode": 7}"#, #"{"statusCode": "x"}"#,
            #"{"statusCode": 200, "headers": {"a": "b\r\nc: d"}}"#,
            #"{"statusCode": 200, "body": "!", "isBase64Encoded": true}"#,
        ]
    )
    func nonsense(_ result: String) {
        #expect(FunctionURLReply(result: Array(result.utf8)) == nil)
    }
}
