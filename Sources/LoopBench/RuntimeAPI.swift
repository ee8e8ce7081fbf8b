import ArgumentParser
import Glibc
import LoopModel

struct RuntimeAPI: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runtime-api",
        abstract: "Serves the Runtime API to runtimes that are started meanwhile, and measures them.",
        discussion: """
            Prints {"port": …} at once, for AWS_LAMBDA_RUNTIME_API, and the figures at the end, in nanoseconds from event \
            to answer; firstAnswerAt is an instant of the monotonic clock.
            """
    )

    @Option(help: "Answers that are measured.") var count = 1000
    @Option(help: "Answers before them.") var warmUp = 0
    @Option(help: "The event.") var payload = "{}"

    func run() throws {
        let figures = try RuntimeAPIBenchmark(payload: Array(payload.utf8), count: count, warmUp: warmUp).run { port in
            print("{\"port\": \(port)}")
            fflush(nil)
        }
        guard case .object(var members) = figures.load.json else { return }
        members.append(JSON.Member("firstAnswerAt", figures.firstAnswerAt.map(JSON.int) ?? .null))
        print(JSON.object(members).text)
    }
}
