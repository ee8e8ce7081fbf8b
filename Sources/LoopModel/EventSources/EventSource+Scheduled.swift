extension EventSource {
    /// A scheduled event from an Amazon EventBridge rule.
    static let scheduled = Self(
        name: "scheduled",
        aliases: ["schedule", "cron", "cloudwatch-event"],
        summary: "a scheduled event from an Amazon EventBridge rule",
        text: #"""
            {
              "version": "0",
              "id": "cdc73f9d-aea9-11e3-9d5a-835b769c0d9c",
              "detail-type": "Scheduled Event",
              "source": "aws.events",
              "account": "012345678912",
              "time": "2026-01-15T09:30:00Z",
              "region": "us-east-1",
              "resources": ["arn:aws:events:us-east-1:012345678912:rule/every-five-minutes"],
              "detail": {}
            }
            """#
    )
}
