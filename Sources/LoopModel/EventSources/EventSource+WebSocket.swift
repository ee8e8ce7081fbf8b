extension EventSource {
    /// A message to an Amazon API Gateway WebSocket API.
    static let webSocket = Self(
        name: "websocket",
        aliases: ["ws", "apigw-websocket"],
        summary: "a message to an Amazon API Gateway WebSocket API",
        text: #"""
            {
              "requestContext": {
                "routeKey": "$default",
                "messageId": "R1knPc2ntjMCFIA=",
                "eventType": "MESSAGE",
                "extendedRequestId": "R1knPH17NjMFftw=",
                "requestTime": "15/Jan/2026:09:30:00 +0000",
                "messageDirection": "IN",
                "stage": "prod",
                "connectedAt": 1768469397000,
                "requestTimeEpoch": 1768469400000,
                "identity": {"userAgent": "Mozilla/5.0 (X11; Linux x86_64)", "sourceIp": "203.0.113.12"},
                "requestId": "R1knPH17NjMFftw=",
                "domainName": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
                "connectionId": "R1kmxc2VNjMCFIA=",
                "apiId": "a1b2c3d4e5"
              },
              "body": "{\"action\": \"subscribe\", \"orderId\": \"1001\"}",
              "isBase64Encoded": false
            }
            """#
    )
}
