extension EventSource {
    /// Two records from an Amazon Kinesis data stream.
    static let kinesis = Self(
        name: "kinesis",
        aliases: ["kinesis-stream"],
        summary: "two records from an Amazon Kinesis data stream",
        text: #"""
            {
              "Records": [
                {
                  "kinesis": {
                    "kinesisSchemaVersion": "1.0",
                    "partitionKey": "ada",
                    "sequenceNumber": "49590338271490256608559692538361571095921575989136588891",
                    "data": "eyJvcmRlcklkIjogIjEwMDEiLCAiY3VzdG9tZXIiOiAiYWRhIiwgInRvdGFsIjogMTcuNX0=",
                    "approximateArrivalTimestamp": 1768469400.001
                  },
                  "eventSource": "aws:kinesis",
                  "eventVersion": "1.0",
                  "eventID": "shardId-000000000006:49590338271490256608559692538361571095921575989136588891",
                  "eventName": "aws:kinesis:record",
                  "invokeIdentityArn": "arn:aws:iam::012345678912:role/orders-lambda",
                  "awsRegion": "us-east-1",
                  "eventSourceARN": "arn:aws:kinesis:us-east-1:012345678912:stream/orders"
                },
                {
                  "kinesis": {
                    "kinesisSchemaVersion": "1.0",
                    "partitionKey": "grace",
                    "sequenceNumber": "49590338271490256608559692538361571095921575989136588892",
                    "data": "eyJvcmRlcklkIjogIjEwMDIiLCAiY3VzdG9tZXIiOiAiZ3JhY2UiLCAidG90YWwiOiA5LjB9",
                    "approximateArrivalTimestamp": 1768469400.002
                  },
                  "eventSource": "aws:kinesis",
                  "eventVersion": "1.0",
                  "eventID": "shardId-000000000006:49590338271490256608559692538361571095921575989136588892",
                  "eventName": "aws:kinesis:record",
                  "invokeIdentityArn": "arn:aws:iam::012345678912:role/orders-lambda",
                  "awsRegion": "us-east-1",
                  "eventSourceARN": "arn:aws:kinesis:us-east-1:012345678912:stream/orders"
                }
              ]
            }
            """#
    )
}
