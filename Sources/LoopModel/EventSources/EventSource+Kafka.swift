extension EventSource {
    /// Two records from an Amazon MSK topic.
    static let kafka = Self(
        name: "kafka",
        aliases: ["msk", "self-managed-kafka"],
        summary: "two records from an Amazon MSK topic",
        text: #"""
            {
              "eventSource": "aws:kafka",
              "eventSourceArn": "arn:aws:kafka:us-east-1:012345678912:cluster/orders/abcd1234-abcd-cafe-abab-987654321\#
            0ab-4",
              "bootstrapServers": "b-2.orders.a1bcde.c1.kafka.us-east-1.amazonaws.com:9092,b-1.orders.a1bcde.c1.kafka.\#
            us-east-1.amazonaws.com:9092",
              "records": {
                "orders-0": [
                  {
                    "topic": "orders",
                    "partition": 0,
                    "offset": 15,
                    "timestamp": 1768469400000,
                    "timestampType": "CREATE_TIME",
                    "key": "MTAwMQ==",
                    "value": "eyJvcmRlcklkIjogIjEwMDEiLCAiY3VzdG9tZXIiOiAiYWRhIiwgInRvdGFsIjogMTcuNX0=",
                    "headers": [{"source": [119, 101, 98]}]
                  },
                  {
                    "topic": "orders",
                    "partition": 0,
                    "offset": 16,
                    "timestamp": 1768469400001,
                    "timestampType": "CREATE_TIME",
                    "key": "MTAwMg==",
                    "value": "eyJvcmRlcklkIjogIjEwMDIiLCAiY3VzdG9tZXIiOiAiZ3JhY2UiLCAidG90YWwiOiA5LjB9",
                    "headers": [{"source": [119, 101, 98]}]
                  }
                ]
              }
            }
            """#
    )
}
