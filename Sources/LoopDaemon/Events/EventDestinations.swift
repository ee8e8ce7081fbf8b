import Logging
import LoopModel
import LoopOS
import LoopWire

/// Tells destinations what became of events; what a destination does not take is logged, and not tried again.
struct EventDestinations: Sendable {
    /// How long a program may take.
    private static let patience = Duration.seconds(30)

    let logger: Logger

    /// - Parameters:
    ///   - destination: where to.
    ///   - record: what it is told.
    ///   - enqueue: takes an event for another function.
    func tell(
        _ destination: EventDestination,
        of record: DestinationRecord,
        enqueue: (QueuedEvent) async throws -> Void
    ) async {
        let text = record.json.text
        do {
            switch destination {
            case .function(let name):
                try await enqueue(
                    QueuedEvent(id: .random(), function: name, payload: text, requestedAt: record.at)
                )
            case .command(let command):
                try await withTimeout(Self.patience) { try await FedProgram(command: command).run(input: text) }
            case .file(let path):
                try await onThread(named: "destination") { try File.append(Array((text + "\n").utf8), to: path) }
            }
        } catch {
            logger.error(
                "A destination did not take what became of an event",
                metadata: [
                    "request.id": "\(record.event.id)", "destination": "\(destination)", "error": "\(error)",
                ]
            )
        }
    }
}
