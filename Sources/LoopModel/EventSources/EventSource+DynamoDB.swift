extension EventSource {
    /// Two changes from an Amazon DynamoDB stream.
    static let dynamoDB = Self(
        name: "dynamodb",
        aliases: ["ddb", "dynamodb-streams", "dynamodb-stream"],
        summary: "two changes from an Amazon DynamoDB stream",
        text: #"""
            {
              "Records": [
                {
                  "eventID": "4b0c92f990083a82645f2b0a81910317",
                  "eventName": "INSERT",
                  "eventVersion": "1.1",
                  "eventSource": "aws:dynamodb",
                  "awsRegion": "us-east-1",
                  "dynamodb": {
                    "ApproximateCreationDateTime": 1768469400,
                    "Keys": {"orderId": {"S": "1001"}},
                    "NewImage": {"orderId": {"S": "1001"}, "customer": {"S": "ada"}, "total": {"N": "17.5"}},
                    "SequenceNumber": "44215845000000000174504391",
                    "SizeBytes": 48,
                    "StreamViewType": "NEW_AND_OLD_IMAGES"
                  },
                  "eventSourceARN": "arn:aws:dynamodb:us-east-1:012345678912:table/orders/stream/2026-01-01T00:00:00.0\#
            00"
                },
                {
                  "eventID": "204ab3579a72dbff5bb2e853f72c4dce",
                  "eventName": "MODIFY",
                  "eventVersion": "1.1",
                  "eventSource": "aws:dynamodb",
                  "awsRegion": "us-east-1",
                  "dynamodb": {
                    "ApproximateCreationDateTime": 1768469400,
                    "Keys": {"orderId": {"S": "1001"}},
                    "NewImage": {"orderId": {"S": "1001"}, "customer": {"S": "ada"}, "total": {"N": "21.0"}},
                    "OldImage": {"orderId": {"S": "1001"}, "customer": {"S": "ada"}, "total": {"N": "17.5"}},
                    "SequenceNumber": "44215845000000000174504392",
                    "SizeBytes": 96,
                    "StreamViewType": "NEW_AND_OLD_IMAGES"
                  },
                  "eventSourceARN": "arn:aws:dynamodb:us-east-1:012345678912:table/orders/stream/2026-01-01T00:00:00.0\#
            00"
                }
              ]
            }
            """#
    )
}
