extension EventSource {
    /// A message published to an Amazon SNS topic.
    static let sns = Self(
        name: "sns",
        aliases: ["topic"],
        summary: "a message published to an Amazon SNS topic",
        text: #"""
            {
              "Records": [
                {
                  "EventVersion": "1.0",
                  "EventSubscriptionArn": "arn:aws:sns:us-east-1:012345678912:orders:21be56ed-a058-49f5-8c98-aedd2564c\#
            486",
                  "EventSource": "aws:sns",
                  "Sns": {
                    "SignatureVersion": "1",
                    "Timestamp": "2026-01-15T09:30:00.000Z",
                    "Signature": "tcc6faL2yUC6dgZdmrwh1Y4cGaEXAMPLE=",
                    "SigningCertUrl": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-EXAMPLE.pem",
                    "MessageId": "95df01b4-ee98-5cb9-9903-4c221d41eb5e",
                    "Message": "{\"orderId\": \"1001\", \"customer\": \"ada\", \"total\": 17.5}",
                    "MessageAttributes": {"source": {"Type": "String", "Value": "web"}},
                    "Type": "Notification",
                    "UnsubscribeUrl": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn:aws\#
            :sns:us-east-1:012345678912:orders:21be56ed-a058-49f5-8c98-aedd2564c486",
                    "TopicArn": "arn:aws:sns:us-east-1:012345678912:orders",
                    "Subject": "Order received"
                  }
                }
              ]
            }
            """#
    )
}
