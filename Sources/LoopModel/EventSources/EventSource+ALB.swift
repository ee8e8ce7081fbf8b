extension EventSource {
    /// A request through an Application Load Balancer.
    static let alb = Self(
        name: "alb",
        aliases: ["elb", "load-balancer"],
        summary: "a request through an Application Load Balancer",
        text: #"""
            {
              "requestContext": {
                "elb": {
                  "targetGroupArn": "arn:aws:elasticloadbalancing:us-east-1:012345678912:targetgroup/orders/49e9d65c45\#
            c6791a"
                }
              },
              "httpMethod": "POST",
              "path": "/orders",
              "queryStringParameters": {"verbose": "true"},
              "headers": {
                "accept": "application/json",
                "content-type": "application/json",
                "host": "orders-1234567890.us-east-1.elb.amazonaws.com",
                "user-agent": "curl/8.5.0",
                "x-amzn-trace-id": "Root=1-6968b118-3d683b8b04734faae651f476",
                "x-forwarded-for": "203.0.113.12",
                "x-forwarded-port": "443",
                "x-forwarded-proto": "https",
                "content-length": "53"
              },
              "body": "{\"orderId\": \"1001\", \"customer\": \"ada\", \"total\": 17.5}",
              "isBase64Encoded": false
            }
            """#
    )
}
