extension EventSource {
    /// A custom event from an Amazon EventBridge bus.
    static let eventBridge = Self(
        name: "eventbridge",
        aliases: ["events", "event-bridge"],
        summary: "a custom event from an Amazon EventBridge bus",
        text: #"""
            {
              "version": "0",
              "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
              "detail-type": "Order Placed",
              "source": "com.example.orders",
              "account": "012345678912",
              "time": "2026-01-15T09:30:00Z",
              "region": "us-east-1",
              "resources": ["arn:aws:dynamodb:us-east-1:012345678912:table/orders"],
              "detail": {"orderId": "1001", "customer": "ada", "total": 17.5}
            }
            """#
    )
}
