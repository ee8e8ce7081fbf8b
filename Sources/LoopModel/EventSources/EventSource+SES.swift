extension EventSource {
    /// A message that Amazon SES received.
    static let ses = Self(
        name: "ses",
        aliases: ["email", "mail"],
        summary: "a message that Amazon SES received",
        text: #"""
            {
              "Records": [
                {
                  "eventSource": "aws:ses",
                  "eventVersion": "1.0",
                  "ses": {
                    "mail": {
                      "timestamp": "2026-01-15T09:30:00.000Z",
                      "source": "ada@example.com",
                      "messageId": "o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1",
                      "destination": ["orders@example.com"],
                      "headersTruncated": false,
                      "headers": [
                        {"name": "Return-Path", "value": "<ada@example.com>"},
                        {"name": "MIME-Version", "value": "1.0"},
                        {"name": "From", "value": "Ada <ada@example.com>"},
                        {"name": "Date", "value": "Thu, 15 Jan 2026 09:30:00 +0000"},
                        {"name": "Message-ID", "value": "<1001@example.com>"},
                        {"name": "Subject", "value": "Order 1001"},
                        {"name": "To", "value": "orders@example.com"},
                        {"name": "Content-Type", "value": "text/plain; charset=UTF-8"}
                      ],
                      "commonHeaders": {
                        "returnPath": "ada@example.com",
                        "from": ["Ada <ada@example.com>"],
                        "date": "Thu, 15 Jan 2026 09:30:00 +0000",
                        "to": ["orders@example.com"],
                        "messageId": "<1001@example.com>",
                        "subject": "Order 1001"
                      }
                    },
                    "receipt": {
                      "timestamp": "2026-01-15T09:30:00.000Z",
                      "processingTimeMillis": 574,
                      "recipients": ["orders@example.com"],
                      "spamVerdict": {"status": "PASS"},
                      "virusVerdict": {"status": "PASS"},
                      "spfVerdict": {"status": "PASS"},
                      "dkimVerdict": {"status": "PASS"},
                      "dmarcVerdict": {"status": "PASS"},
                      "dmarcPolicy": "reject",
                      "action": {
                        "type": "Lambda",
                        "invocationType": "Event",
                        "functionArn": "arn:aws:lambda:us-east-1:012345678912:function:orders"
                      }
                    }
                  }
                }
              ]
            }
            """#
    )
}
