extension EventSource {
    /// An object put into an Amazon S3 bucket.
    static let s3 = Self(
        name: "s3",
        aliases: ["bucket"],
        summary: "an object put into an Amazon S3 bucket",
        text: #"""
            {
              "Records": [
                {
                  "eventVersion": "2.1",
                  "eventSource": "aws:s3",
                  "awsRegion": "us-east-1",
                  "eventTime": "2026-01-15T09:30:00.000Z",
                  "eventName": "ObjectCreated:Put",
                  "userIdentity": {"principalId": "AWS:AIDAIENQZJOLO23YVJ4VO"},
                  "requestParameters": {"sourceIPAddress": "203.0.113.12"},
                  "responseElements": {
                    "x-amz-request-id": "D82B88E5F771F645",
                    "x-amz-id-2": "vlR7PnpV2Ce81l0PRw6jlUpck7Jo5ZsQEXAMPLE="
                  },
                  "s3": {
                    "s3SchemaVersion": "1.0",
                    "configurationId": "828aa6fc-f7b5-4305-8584-487c791949c1",
                    "bucket": {
                      "name": "example-uploads",
                      "ownerIdentity": {"principalId": "A3I5XTEXAMPLE"},
                      "arn": "arn:aws:s3:::example-uploads"
                    },
                    "object": {
                      "key": "incoming/order+1001.json",
                      "size": 53,
                      "eTag": "f800dee236fd11ac2fb7886cafa80484",
                      "sequencer": "0065A4FD9806A3C2B1"
                    }
                  }
                }
              ]
            }
            """#
    )
}
