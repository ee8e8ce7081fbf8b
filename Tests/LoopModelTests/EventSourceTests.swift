import LoopModel
import Testing

@Suite("A sample event") struct EventSourceTests {
    /// What AWS documents that each has, as paths into the sample.
    static let keys: [String: [String]] = [
        "sqs": [
            "Records.0.messageId", "Records.0.receiptHandle", "Records.0.body", "Records.1.md5OfBody",
            "Records.0.attributes.ApproximateReceiveCount", "Records.0.messageAttributes", "Records.0.eventSourceARN",
        ],
        "sns": ["Records.0.EventSource", "Records.0.Sns.Message", "Records.0.Sns.TopicArn", "Records.0.Sns.MessageId"],
        "s3": [
            "Records.0.eventName", "Records.0.s3.bucket.name", "Records.0.s3.object.key", "Records.0.s3.object.size",
        ],
        "eventbridge": ["detail-type", "source", "account", "time", "region", "resources", "detail.orderId"],
        "scheduled": ["detail-type", "source", "resources.0", "detail"],
        "apigw": [
            "resource", "path", "httpMethod", "headers", "multiValueHeaders", "queryStringParameters",
            "multiValueQueryStringParameters", "pathParameters", "stageVariables", "requestContext.identity.sourceIp",
            "requestContext.resourcePath", "requestContext.stage", "body", "isBase64Encoded",
        ],
        "http-api": [
            "version", "routeKey", "rawPath", "rawQueryString", "cookies", "headers.host",
            "requestContext.http.method", "requestContext.http.sourceIp", "body", "isBase64Encoded",
        ],
        "lambda-url": ["version", "rawPath", "headers.host", "requestContext.http.method", "isBase64Encoded"],
        "websocket": ["requestContext.connectionId", "requestContext.eventType", "requestContext.routeKey", "body"],
        "authorizer": ["type", "methodArn", "headers.Authorization", "requestContext.accountId"],
        "alb": ["requestContext.elb.targetGroupArn", "httpMethod", "path", "headers", "body", "isBase64Encoded"],
        "dynamodb": [
            "Records.0.eventName", "Records.0.dynamodb.Keys.orderId.S", "Records.0.dynamodb.NewImage",
            "Records.1.dynamodb.OldImage", "Records.0.dynamodb.StreamViewType",
        ],
        "kinesis": ["Records.0.kinesis.data", "Records.0.kinesis.partitionKey", "Records.0.eventID"],
        "firehose": ["invocationId", "deliveryStreamArn", "region", "records.0.recordId", "records.1.data"],
        "kafka": ["eventSource", "bootstrapServers", "records.orders-0.0.value", "records.orders-0.1.offset"],
        "cognito": ["triggerSource", "userPoolId", "request.userAttributes.email", "response.autoConfirmUser"],
        "cloudwatch-logs": ["awslogs.data"],
        "ses": ["Records.0.ses.mail.messageId", "Records.0.ses.receipt.action.functionArn"],
        "secrets-manager": ["Step", "SecretId", "ClientRequestToken"],
        "cloudformation": ["RequestType", "ResponseURL", "StackId", "LogicalResourceId", "ResourceProperties"],
    ]

    @Test("is JSON, and has what AWS documents", arguments: EventSource.all)
    func shape(_ source: EventSource) throws {
        let sample = try JSONReader.value(of: Array(source.text.utf8))
        let keys = try #require(Self.keys[source.name], "no keys are listed here for \(source.name)")
        for key in keys { #expect(Self.value(at: key, in: sample) != nil, "\(source.name) has no \(key)") }
        #expect(Self.value(at: "no.such.key", in: sample) == nil)
    }

    @Test("has a name of its own, and no alias that means another")
    func names() {
        let words = EventSource.all.flatMap { [$0.name] + $0.aliases }
        #expect(Set(words).count == words.count)
        #expect(Set(Self.keys.keys) == Set(EventSource.all.map(\.name)))
    }

    @Test("is found by its name and its aliases, whatever their case", arguments: ["sqs", "SQS", "queue"])
    func found(_ name: String) throws {
        #expect(try EventSource(named: name).name == "sqs")
    }

    @Test("that is not there is told with the nearest, and those there are")
    func unknown() {
        #expect(EventSourceFailure(name: "dynamdb").hint.hasPrefix("Did you mean \"dynamodb\"? There are: sqs, sns,"))
        #expect(EventSourceFailure(name: "lamdba-url").hint.contains("\"lambda-url\"?"))
        #expect(EventSourceFailure(name: "xyzxyzxyz").hint.hasPrefix("There are: sqs,"))
        #expect(throws: EventSourceFailure(name: "sq s")) { try EventSource(named: "sq s") }
    }

    private static func value(at path: String, in json: JSON) -> JSON? {
        path.split(separator: ".").reduce(json) { value, key in
            guard let value else { return nil }
            if let index = Int(key), let elements = value.elements {
                return elements.indices.contains(index) ? elements[index] : nil
            }
            return value[String(key)]
        }
    }
}
