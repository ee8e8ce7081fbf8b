extension EventSource {
    /// Two log lines from an Amazon CloudWatch Logs subscription.
    static let cloudWatchLogs = Self(
        name: "cloudwatch-logs",
        aliases: ["logs", "cloudwatch"],
        summary: "two log lines from an Amazon CloudWatch Logs subscription",
        text: #"""
            {
              "awslogs": {
                "data": "H4sIAAAAAAACA6WQzWrDMBCEX8WIHlOsXUsrKTdD3VxaCrFvwRQlloPBP0FyGkrIu1dJ6KGH9tI9ziwz3+6ZDS4Eu3fV5\#
            8GxJXvKq/z9tSjLfFWwBZtOo/NR5oCZkKS0AYxyP+1XfjoeopPaU0h7O2wbm06+cT7c/XL2zg5xATlSyiEFmW4eXvKqKKvaiNZqUk5mSog\#
            M0IBV7Q6Ew1aSdSpGhOM27Hx3mLtpfO76+Rq83LB7xaPzfopCfasqPtw4X90z65rYmAlCzIC4MWSU1kJxkoIbRZy0RtTSxHuIAJGDABKZN\#
            igFxda5i++Y7RAvA0VakBH8OovvN8X4TbFev63r5IaSAOeQnGxIvGuPwTXssvgfhvodA/7EwJ8Y9eUL7rCyzNwBAAA="
              }
            }
            """#
    )
}
