import ArgumentParser
import LoopModel
import LoopWire

extension FunctionsCommand {
    struct Provision: Verb {
        static let configuration = CommandConfiguration(
            abstract: "Keeps environments of a function ready, which have loaded the handler before anybody asks.",
            discussion: """
                They are kept until the daemon ends or this is said again; `provisionedConcurrency` in the manifest is \
                for good. `loopwarden functions show` tells how many are ready.
                """
        )

        @OptionGroup var named: NamedFunction

        @Argument(help: "How many, from 0 up; or `manifest`: as many as the manifest says.")
        var count: Count

        func perform(on console: Console) throws -> CommandStatus {
            try named.printer(on: console).print(.provision(named.name, count.number))
            return .ok
        }
    }

    /// How many environments; nil: as many as the manifest says.
    struct Count: ExpressibleByArgument {
        let number: Int?

        init?(argument: String) {
            if argument == "manifest" {
                number = nil
            } else {
                guard let count = Int(argument), count >= 0 else { return nil }
                number = count
            }
        }
    }
}
