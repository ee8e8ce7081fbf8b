import ArgumentParser
import LoopModel

/// What makes a check one of tests, rather than of handlers.
struct SuiteOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "The targets are tests: run them with pytest, and tell what they leave to each other.",
            discussion: "After -- come pytest's own arguments, as in --pytest tests/ -- -k orders."
        )
    )
    var pytest = false

    @Option(help: ArgumentHelp("With --pytest: the longest that one test may take; default 300.", valueName: "seconds"))
    var testTimeout: Double?

    func validate() throws {
        if !pytest, testTimeout != nil { throw ValidationError("--test-timeout goes with --pytest.") }
        if let testTimeout, !(0.1...86_400).contains(testTimeout) {
            throw ValidationError("--test-timeout is \(testTimeout); expected are seconds from 0.1 to 86400.")
        }
    }

    /// The suite that was ordered.
    ///
    /// - Parameter targets: what was named, and after the last target pytest's own arguments.
    /// - Returns: nil for a check of handlers.
    func order(of targets: [String]) -> SuiteOrder? {
        guard pytest else { return nil }
        let own = targets.prefix { !$0.hasPrefix("-") }
        return SuiteOrder(
            targets: Array(own),
            arguments: Array(targets.dropFirst(own.count)),
            timeout: testTimeout.map(Duration.seconds)
        )
    }
}
