import ArgumentParser
import LoopModel
import LoopWire

struct PreloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preload",
        abstract: "Says what to import before a function's environments are forked.",
        subcommands: [Suggest.self]
    )

    struct Suggest: Verb {
        static let configuration = CommandConfiguration(
            abstract: "Suggests modules for `preload` in the manifest, by what the latest cold starts took to import.",
            discussion: """
                Nothing is changed: the lines for the manifest are printed. What is the function's own, cannot be \
                shared, is there anyway or takes no time is left out, with the reason.
                """
        )

        @OptionGroup var named: NamedFunction

        func perform(on console: Console) throws -> CommandStatus {
            try named.printer(on: console).print(.preload(named.name))
            return .ok
        }
    }
}
