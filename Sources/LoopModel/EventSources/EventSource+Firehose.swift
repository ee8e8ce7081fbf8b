extension EventSource {
    /// Two records for Amazon Data Firehose to transform.
    static let firehose = Self(
        name: "firehose",
        aliases: ["kinesis-firehose", "data-firehose"],
        summary: "two records for Amazon Data Firehose to transform",
        text: #"""
            {
              "invocationId": "7f0a1c52-4f0e-4d3b-9a55-2f6d1e0b8c0a",
              "deliveryStreamArn": "arn:aws:firehose:us-east-1:012345678912:deliverystream/orders",
              "region": "us-east-1",
              "records": [
                {
                  "recordId": "49590338271490256608559692538361571095921575989136588891000000",
                  "approximateArrivalTimestamp": 1768469400001,
                  "data": "eyJvcmRlcklkIjogIjEwMDEiLCAiY3VzdG9tZXIiOiAiYWRhIiwgInRvdGFsIjogMTcuNX0="
                },
                {
                  "recordId": "49590338271490256608559692538361571095921575989136588892000000",
                  "approximateArrivalTimestamp": 1768469400002,
                  "data": "eyJvcmRlcklkIjogIjEwMDIiLCAiY3VzdG9tZXIiOiAiZ3JhY2UiLCAidG90YWwiOiA5LjB9"
                }
              ]
            }
            """#
    )
}
