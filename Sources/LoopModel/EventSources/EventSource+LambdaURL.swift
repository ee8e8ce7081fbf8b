extension EventSource {
    /// A request to an AWS Lambda function URL.
    static let lambdaURL = Self(
        name: "lambda-url",
        aliases: ["function-url", "url", "furl"],
        summary: "a request to an AWS Lambda function URL",
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
                "host": "0123456789abcdefghijklmnopqrstuv.lambda-url.us-east-1.on.aws",
                "user-agent": "curl/8.5.0",
                "x-amzn-trace-id": "Root=1-6968b118-3d683b8b04734faae651f476",
                "x-forwarded-for": "203.0.113.12",
                "x-forwarded-port": "443",
                "x-forwarded-proto": "https",
                "content-length": "53"
              },
              "queryStringParameters": {"verbose": "true"},
              "requestContext": {
                "accountId": "anonymous",
                "apiId": "0123456789abcdefghijklmnopqrstuv",
                "domainName": "0123456789abcdefghijklmnopqrstuv.lambda-url.us-east-1.on.aws",
                "domainPrefix": "0123456789abcdefghijklmnopqrstuv",
                "http": {
                  "method": "POST",
                  "path": "/orders",
                  "protocol": "HTTP/1.1",
                  "sourceIp": "203.0.113.12",
                  "userAgent": "curl/8.5.0"
                },
                "requestId": "e1506fd5-9e7b-434f-bd42-4f8fa224b599",
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
