import LoopModel

extension OpenAPISchemas {
    static let logs: [JSON.Member] = [
        .init(
            "LogLines",
            object([
                "schema": ["const": "loopwarden.logs/1"],
                "lines": array(of: reference("LogLine")),
                "stream": object([
                    "position": optional("string", "What to ask for those that come next with."),
                    "missed": ["type": "integer", "description": "How many passed by before they were asked for."],
                    "older": optional("string", "What to ask with for what is older, which was not searched yet."),
                ]),
            ])
        ),
        .init(
            "LogLine",
            object([
                "at": time, "function": functionName, "environment": optional("string"),
                "invocation": optional("string", "null: it belongs to the environment alone."),
                "group": string("As AWS Lambda names log groups."),
                "stream": optional("string", "One stream is one environment."),
                "source": ["enum": ["function", "platform"]],
                "text": string("Without the line feed at its end."),
            ])
        ),
    ]
}
