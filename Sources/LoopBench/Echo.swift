import ArgumentParser

struct Echo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Round trips of one line over unix sockets, each to a server that answers with a line.",
        discussion: "What a warm invocation cannot be faster than, when the server does the handler's work and no more."
    )

    @OptionGroup var load: LoadOptions
    @Option(help: "A server's socket; may be given several times.") var socket: [String]
    @Option(help: "What is sent, and what the answer must contain.") var message = "{}"

    func run() throws {
        try load.run(Array("\(message)\n".utf8), to: socket, framing: .line, expected: message)
    }
}
