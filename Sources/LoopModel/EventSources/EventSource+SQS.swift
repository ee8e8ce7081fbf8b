extension EventSource {
    /// A batch of two messages from an Amazon SQS queue.
    static let sqs = Self(
        name: "sqs",
        aliases: ["queue"],
        summary: "a batch of two messages from an Amazon SQS queue",
        text: #"""
            {
              "Records": [
                {
                  "messageId": "7f0a1c52-4f0e-4d3b-9a55-2f6d1e0b8c01",
                  "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0b1",
                  "body": "{\"orderId\": \"1001\", \"customer\": \"ada\", \"total\": 17.5}",
                  "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": "1768469400001",
                    "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                    "ApproximateFirstReceiveTimestamp": "1768469400003"
                  },
                  "messageAttributes": {
                    "source": {
                      "stringValue": "web",
                      "stringListValues": [],
                      "binaryListValues": [],
                      "dataType": "String"
                    }
                  },
                  "md5OfBody": "f800dee236fd11ac2fb7886cafa80484",
                  "eventSource": "aws:sqs",
                  "eventSourceARN": "arn:aws:sqs:us-east-1:012345678912:orders",
                  "awsRegion": "us-east-1"
                },
                {
                  "messageId": "7f0a1c52-4f0e-4d3b-9a55-2f6d1e0b8c02",
                  "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0b2",
                  "body": "{\"orderId\": \"1002\", \"customer\": \"grace\", \"total\": 9.0}",
                  "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": "1768469400002",
                    "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                    "ApproximateFirstReceiveTimestamp": "1768469400004"
                  },
                  "messageAttributes": {
                    "source": {
                      "stringValue": "web",
                      "stringListValues": [],
                      "binaryListValues": [],
                      "dataType": "String"
                    }
                  },
                  "md5OfBody": "92630b1660349ae932395e0908248a42",
                  "eventSource": "aws:sqs",
                  "eventSourceARN": "arn:aws:sqs:us-east-1:012345678912:orders",
                  "awsRegion": "us-east-1"
                }
              ]
            }
            """#
    )
}
