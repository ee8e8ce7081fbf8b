extension EventSource {
    /// A request to an Amazon API Gateway REST API (payload format 1.0).
    static let restAPI = Self(
        name: "apigw",
        aliases: ["api-gateway", "rest", "rest-api", "apigw-rest", "api"],
        summary: "a request to an Amazon API Gateway REST API (payload format 1.0)",
        text: #"""
            {
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
                "X-Forwarded-Proto": "https"
              },
              "multiValueHeaders": {
                "Accept": ["application/json"],
                "Content-Type": ["application/json"],
                "Host": ["a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"],
                "User-Agent": ["curl/8.5.0"],
                "X-Amzn-Trace-Id": ["Root=1-6968b118-3d683b8b04734faae651f476"],
                "X-Forwarded-For": ["203.0.113.12"],
                "X-Forwarded-Port": ["443"],
                "X-Forwarded-Proto": ["https"]
              },
              "queryStringParameters": {"verbose": "true"},
              "multiValueQueryStringParameters": {"verbose": ["true"]},
              "pathParameters": {"proxy": "orders"},
              "stageVariables": null,
              "requestContext": {
                "resourceId": "roq9wj",
                "resourcePath": "/{proxy+}",
                "operationName": null,
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
                "identity": {
                  "cognitoIdentityPoolId": null,
                  "accountId": null,
                  "cognitoIdentityId": null,
                  "caller": null,
                  "sourceIp": "203.0.113.12",
                  "principalOrgId": null,
                  "accessKey": null,
                  "cognitoAuthenticationType": null,
                  "cognitoAuthenticationProvider": null,
                  "userArn": null,
                  "userAgent": "curl/8.5.0",
                  "user": null
                },
                "domainName": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
                "apiId": "a1b2c3d4e5"
              },
              "body": "{\"orderId\": \"1001\", \"customer\": \"ada\", \"total\": 17.5}",
              "isBase64Encoded": false
            }
            """#
    )
}
