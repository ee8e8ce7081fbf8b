import ArgumentParser
import LoopModel

/// The name of a sample of what a service sends.
struct EventSourceOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A sample event: \(EventSource.all.map(\.name).joined(separator: ", ")).",
            valueName: "name"
        ),
        completion: .list(EventSource.all.map(\.name))
    )
    var eventSource: String?

    func validate() throws { if let eventSource { _ = try Self.source(named: eventSource) } }

    /// The sample that was named.
    var payload: PayloadArgument? { eventSource.flatMap { try? EventSource(named: $0) }.map(PayloadArgument.sample) }

    /// The sample of that name.
    ///
    /// - Throws: a usage error that tells the known ones.
    static func source(named name: String) throws(ValidationError) -> EventSource {
        do {
            return try EventSource(named: name)
        } catch {
            throw ValidationError("There is no event source \"\(name)\". \(error.hint)")
        }
    }
}
