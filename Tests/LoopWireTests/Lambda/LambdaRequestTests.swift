import FoundationEssentials
import LoopModel
import LoopWire
import Testing

@Suite("A request of the Lambda API")
struct LambdaRequestTests {
    private func read(_ method: HTTPMethod, _ target: String, _ headers: [String: String] = [:]) throws -> LambdaRequest
    {
        try LambdaRequest.read(method, target) { headers[$0] }
    }

    private func reference(_ name: String, _ qualifier: String? = nil) throws -> LambdaFunctionReference {
        try LambdaFunctionReference(qualifier.map { "\(name):\($0)" } ?? name)
    }

    @Test(
        "names a function by name, partial ARN or ARN, with or without a qualifier",
        arguments: [
            ("orders", nil), ("orders:7", "7"), ("123456789012:function:orders", nil),
            ("123456789012:function:orders:prod", "prod"),
            ("arn:aws:lambda:eu-west-1:123456789012:function:orders", nil),
            ("arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Aorders%3A%24LATEST", "$LATEST"),
        ]
    )
    func names(_ name: String, _ qualifier: String?) throws {
        let asked = try read(.get, "/2015-03-31/functions/\(name)")
        #expect(try asked == .function(reference("orders", qualifier)))
    }

    @Test("is refused for a name that no function has", arguments: ["a b", "a:b:c", "arn:aws:s3:::orders", "", "ä"])
    func wrongNames(_ name: String) {
        #expect(throws: LambdaFailure.invalidName(name)) { try LambdaFunctionReference(name) }
    }

    @Test("takes a qualifier from the query, and refuses two that differ")
    func qualifiers() throws {
        let asked = try read(.get, "/2015-03-31/functions/orders/configuration?Qualifier=7")
        #expect(try asked == .configuration(reference("orders", "7")))
        #expect(throws: LambdaFailure.self) { try read(.get, "/2015-03-31/functions/orders:6?Qualifier=7") }
    }

    @Test("lists in pages")
    func pages() throws {
        #expect(try read(.get, "/2015-03-31/functions/") == .listFunctions(marker: nil, limit: 50))
        let asked = try read(.get, "/2015-03-31/functions?Marker=orders&MaxItems=10000")
        #expect(asked == .listFunctions(marker: "orders", limit: 50))
        #expect(throws: LambdaFailure.self) { try read(.get, "/2015-03-31/functions/?MaxItems=0") }
    }

    @Test("reads what the headers of an invocation say")
    func invocation() throws {
        let context = Data(#"{"custom":{"a":1}}"#.utf8).base64EncodedString()
        let asked = try read(
            .post,
            "/2015-03-31/functions/orders/invocations",
            [
                "x-amz-invocation-type": "Event", "x-amz-log-type": "Tail", "x-amz-client-context": context,
                "x-amzn-trace-id": "Root=1",
            ]
        )
        guard case .invoke(let invocation) = asked else {
            Issue.record("It is \(asked).")
            return
        }
        #expect((invocation.type, invocation.wantsLog, invocation.traceID) == (.event, true, "Root=1"))
        #expect(invocation.clientContext == #"{"custom":{"a":1}}"#)
        #expect(invocation.type.payloadLimit == 1 << 20)
    }

    @Test(
        "is refused for a header that says nothing possible",
        arguments: [
            ("x-amz-invocation-type", "Sometimes", "InvalidParameterValueException"),
            ("x-amz-log-type", "All", "InvalidParameterValueException"),
            ("x-amz-client-context", "oops", "InvalidRequestContentException"),
            ("x-amz-client-context", "WzFd", "InvalidRequestContentException"),
            ("x-amz-client-context", String(repeating: "A", count: 3584), "InvalidRequestContentException"),
        ]
    )
    func headers(_ name: String, _ value: String, _ type: String) {
        let failure = #expect(throws: LambdaFailure.self) {
            try read(.post, "/2015-03-31/functions/orders/invocations", [name: value])
        }
        #expect(failure?.type == type)
        #expect(failure?.status == 400)
    }

    @Test(
        "is no operation elsewhere",
        arguments: ["/2015-03-31/layers", "/2015-03-31/functions/a/b/c", "/2018-11-14/layers/"]
    )
    func unknown(_ target: String) {
        #expect(LambdaRequest.isMeant(by: target))
        let failure = #expect(throws: LambdaFailure.unknownRoute("GET \(target)")) { try read(.get, target) }
        #expect(failure?.json.text.contains("InvokeWithResponseStream") == true)
    }

    @Test("is what begins with a date", arguments: ["/v1/functions", "/2015-03-3/a", "/2015-03-31", "/lambda-url/a/"])
    func others(_ target: String) {
        #expect(!LambdaRequest.isMeant(by: target))
    }

    @Test("asks what there is to know of a function, at the path of each operation's own version")
    func operations() throws {
        let orders = try reference("orders")
        #expect(try read(.get, "/2015-03-31/functions/orders/versions") == .versions(orders))
        #expect(try read(.get, "/2015-03-31/functions/orders/aliases") == .aliases(orders))
        #expect(try read(.get, "/2019-09-30/functions/orders/concurrency") == .concurrency(orders))
        #expect(try read(.get, "/2019-09-25/functions/orders/event-invoke-config") == .eventInvokeConfig(orders))
        #expect(try read(.get, "/2021-10-31/functions/orders/url") == .urlConfig(orders))
        #expect(try read(.get, "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aa%3A1%3Afunction%3Aorders") == .tags(orders))
        #expect(try read(.get, "/2016-08-19/account-settings/") == .accountSettings)
    }

    @Test("is refused for a payload that says of itself that it is no JSON")
    func mediaTypes() throws {
        let target = "/2015-03-31/functions/orders/invocations"
        for type in ["application/json", "application/octet-stream", "application/x-www-form-urlencoded", "text/plain"]
        {
            #expect(throws: Never.self) { try read(.post, target, ["content-type": type]) }
        }
        for type in ["text/xml; charset=utf-8", "image/png", "application/atom+xml"] {
            let failure = #expect(throws: LambdaFailure.self) { try read(.post, target, ["content-type": type]) }
            #expect(failure?.status == 415)
        }
    }

    @Test("fails with the bodies that were recorded from AWS")
    func bodies() throws {
        let arn = "arn:aws:lambda:us-east-1:012345678912:function:nope:$LATEST"
        #expect(try LambdaFunctionReference("nope").arn(in: "us-east-1") == arn)
        #expect(
            LambdaFailure.functionNotFound(arn).json.text
                == #"{"Type":"User","Message":"Function not found: \#(arn)"}"#
        )
        #expect(
            LambdaFailure.throttled(.reservedConcurrency).json.text
                == #"{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","#
                + #""message":"Rate Exceeded."}"#
        )
    }
}
