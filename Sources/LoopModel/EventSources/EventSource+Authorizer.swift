extension EventSource {
    /// A request to an Amazon API Gateway REST API that a Lambda authorizer is to judge.
    static let authorizer = Self(
        name: "authorizer",
        aliases: ["apigw-authorizer", "lambda-authorizer"],
        summary: "a request to an Amazon API Gateway REST API that a Lambda authorizer is to judge",
        text: #"""
            {
              "type": "REQUEST",
              "methodArn": "arn:aws:execute-api:us-east-1:012345678912:a1b2c3d4e5/prod/POST/orders",
              "resource": "/{proxy+}",
              "path": "/orders",
              "httpMethod": "POST",
              "headers": {
                "Accept": "application/json",
                "Content-Type": "application/json",
                "Host": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
                "User-Agent": "curl/8.5.0",
                "X-Amzn-Trace-Id": "Root=1-6968b118-3d683b8b04734faae651f476",
                "X-Forwarded-For": "203.0.113.12",
                "X-Forwarded-Port": "443",
                "X-Forwarded-Proto": "https",
                "Authorization": "Bearer example-token"
              },
              "multiValueHeaders": {
                "Accept": ["application/json"],
                "Content-Type": ["application/json"],
                "Host": ["a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"],
                "User-Agent": ["curl/8.5.0"],
                "X-Amzn-Trace-Id": ["Root=1-6968b118-3d683b8b04734faae651f476"],
                "X-Forwarded-For": ["203.0.113.12"],
                "X-Forwarded-Port": ["443"],
                "X-Forwarded-Proto": ["https"],
                "Authorization": ["Bearer example-token"]
              },
              "queryStringParameters": {},
              "multiValueQueryStringParameters": {},
              "pathParameters": {"proxy": "orders"},
              "stageVariables": {},
              "requestContext": {
                "resourceId": "roq9wj",
                "resourcePath": "/{proxy+}",
                "httpMethod": "POST",
                "extendedRequestId": "TWegAcC4EowCHnA=",
                "requestTime": "15/Jan/2026:09:30:00 +0000",
                "path": "/prod/orders",
                "accountId": "012345678912",
                "protocol": "HTTP/1.1",
                "stage": "prod",
                "domainPrefix": "a1b2c3d4e5",
                "requestTimeEpoch": 1768469400000,
                "requestId": "deef4878-7910-11e6-8f14-25afc3e9ae33",
                "identity": {"sourceIp": "203.0.113.12", "userAgent": "curl/8.5.0"},
                "domainName": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
                "apiId": "a1b2c3d4e5"
              }
            }
            """#
    )
}
