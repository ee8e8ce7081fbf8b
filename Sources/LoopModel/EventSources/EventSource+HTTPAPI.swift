extension EventSource {
    /// A request to an Amazon API Gateway HTTP API (payload format 2.0).
    static let httpAPI = Self(
        name: "http-api",
        aliases: ["httpapi", "apigw-v2", "apigwv2", "http"],
        summary: "a request to an Amazon API Gateway HTTP API (payload format 2.0)",
        text: #"""
            {
              "version": "2.0",
              "routeKey": "$default",
              "rawPath": "/orders",
              "rawQueryString": "verbose=true",
              "cookies": ["session=8f14e45f"],
              "headers": {
                "accept": "application/json",
                "content-type": "application/json",
                "host": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
                "user-agent": "curl/8.5.0",
                "x-amzn-trace-id": "Root=1-6968b118-3d683b8b04734faae651f476",
                "x-forwarded-for": "203.0.113.12",
                "x-forwarded-port": "443",
                "x-forwarded-proto": "https",
                "content-length": "53"
              },
              "queryStringParameters": {"verbose": "true"},
              "requestContext": {
                "accountId": "012345678912",
                "apiId": "a1b2c3d4e5",
                "domainName": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
                "domainPrefix": "a1b2c3d4e5",
                "http": {
                  "method": "POST",
                  "path": "/orders",
                  "protocol": "HTTP/1.1",
                  "sourceIp": "203.0.113.12",
                  "userAgent": "curl/8.5.0"
                },
                "requestId": "JKJaXmPLvHcESHA=",
                "routeKey": "$default",
                "stage": "$default",
                "time": "15/Jan/2026:09:30:00 +0000",
                "timeEpoch": 1768469400000
              },
              "body": "{\"orderId\": \"1001\", \"customer\": \"ada\", \"total\": 17.5}",
              "isBase64Encoded": false
            }
            """#
    )
}
