import ArgumentParser
import LoopModel
import LoopWire

/// Which part of the history.
struct FilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only what concerns this function.", valueName: "name"), completion: .functions)
    var function: FunctionName?

    @Option(
        help: ArgumentHelp("Only this time or later: 15m, 2h, 7d (ago), or 2026-11-21T08:59:03Z.", valueName: "time")
    )
    var since: TimeArgument?

    @Option(help: ArgumentHelp("Only before this time.", valueName: "time"))
    var until: TimeArgument?

    @Option(help: ArgumentHelp("Only what was part of this simulation.", valueName: "name"))
    var run: RunName?

    @Option(help: ArgumentHelp("The most rows; the newest come first.", valueName: "count"))
    var limit = HistoryFilter().limit

    func validate() throws {
        let most = ControlParameters.longestReply
        guard (1...most).contains(limit) else {
            throw ValidationError("--limit is \(limit); expected is a whole number from 1 to \(most).")
        }
    }

    func filter(on console: Console) -> HistoryFilter {
        let now = console.now()
        return HistoryFilter(
            function: function,
            since: since?.time(before: now),
            until: until?.time(before: now),
            run: run,
            limit: limit
        )
    }
}

/// A time as it was typed; what it means depends on when it is asked.
struct TimeArgument: ExpressibleByArgument {
    private let text: String

    init?(argument: String) {
        guard WallTime(argument, before: WallTime(nanoseconds: 0)) != nil else { return nil }
        text = argument
    }

    func time(before now: WallTime) -> WallTime? { WallTime(text, before: now) }
}
