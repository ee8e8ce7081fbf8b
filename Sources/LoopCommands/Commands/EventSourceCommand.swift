import ArgumentParser
import LoopModel
import LoopWire

struct EventSourceCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "event-source",
        abstract: "Prints a sample of what a service sends to a function; needs no daemon.",
        discussion: """
            The samples that \"check --event-source\" and \"invoke --event-source\" use, to read or to change: \
            loopwarden event-source sqs > event.json
            """
    )

    @Argument(help: "The sample's name; without it, they are listed.", completion: .list(EventSource.all.map(\.name)))
    var name: String?

    @OptionGroup var output: OutputOptions

    func validate() throws { if let name { _ = try EventSourceOption.source(named: name) } }

    func perform(on console: Console) throws -> CommandStatus {
        if let name {
            try console.print(EventSourceOption.source(named: name).text)
        } else if output.json {
            try console.print(Self.list.text)
        } else {
            let width = EventSource.all.map(\.name.count).max() ?? 0
            for source in EventSource.all {
                let blanks = String(repeating: " ", count: width - source.name.count)
                try console.print("\(source.name)\(blanks)  \(source.summary)")
            }
        }
        return .ok
    }

    private static let list: JSON = [
        "schema": "loopwarden.event-sources/1",
        "eventSources": .array(
            EventSource.all.map { source in
                [
                    "name": .string(source.name), "aliases": .array(source.aliases.map(JSON.string)),
                    "summary": .string(source.summary),
                ]
            }
        ),
    ]
}
