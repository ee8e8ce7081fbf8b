package import LoopModel

/// What a destination is told of an event, as AWS Lambda says it (facts: lambda §8).
package struct DestinationRecord: Sendable {
    package var event: QueuedEvent
    package var condition: EventDelivery.Condition
    /// The last try; nil when there was none.
    package var record: InvocationRecord?
    /// What the last try was answered with, as JSON; nil when there was none.
    package var response: String?
    package var at: WallTime

    package init(
        of event: QueuedEvent,
        _ condition: EventDelivery.Condition,
        record: InvocationRecord?,
        response: String?,
        at time: WallTime
    ) {
        self.event = event
        self.condition = condition
        self.record = record
        self.response = response
        at = time
    }

    /// A handler's result is JSON, but for bytes and NaN.
    private static func payload(_ text: String) -> JSON {
        (try? JSONReader.validate(Array(text.utf8))) == nil ? .string(text) : .raw(text)
    }

    package var json: JSON {
        var context: [JSON.Member] = [
            .init("statusCode", 200), .init("executedVersion", .string(LambdaFunctionReference.latest)),
        ]
        if record?.outcome != .ok { context.append(.init("functionError", "Unhandled")) }
        return [
            "version": "1.0",
            "timestamp": .string(at.rfc3339),
            "requestContext": [
                "requestId": .string(event.id.rawValue),
                "functionArn": .string(LambdaFunctionReference.latestARN(of: event.function)),
                "condition": .string(condition.rawValue),
                "approximateInvokeCount": JSON(event.tries),
            ],
            "requestPayload": .raw(event.payload),
            "responseContext": record == nil ? .null : .object(context),
            "responsePayload": response.map(Self.payload) ?? .null,
        ]
    }
}
