import LoopModel
import LoopOS
import LoopRunner
import LoopStore
import LoopWire

/// Takes a simulation that was made elsewhere into a daemon's own history.
///
/// Only facts are taken over: what they mean is judged anew, by the daemon's rules, as if it had happened here.
struct RunAdoption {
    let recorder: Recorder
    let history: HistoryStore

    private struct Extent {
        var environments = 0
        var invocations = 0
    }

    /// Takes all that another history's file has of a simulation.
    ///
    /// - Returns: how much that was.
    /// - Throws: ``RunAdoptionFailure`` when there is nothing to take, or the name is taken; ``StoreFailure`` when the
    ///   file cannot be read.
    func adopt(_ run: RunName, from path: String) async throws -> ReportDocument {
        guard FileStamp(path: path)?.isFolder == false else { throw RunAdoptionFailure.noFile(path) }
        guard try await history.invocations(matching: HistoryFilter(run: run, limit: 1)).isEmpty else {
            throw RunAdoptionFailure.nameTaken(run)
        }
        let store = try await onThread(named: "adoption") {
            try HistoryStore.open(at: path, options: StoreOptions(ballastSize: 0)).store
        }
        defer { try? store.close() }
        let homeless = try await Self.homeless(of: run, in: store)
        let recorder = recorder
        let extent = try await onThread(named: "adoption") {
            var extent = Extent()
            for invocation in homeless {
                recorder.invocationEnded(EndedInvocation(record: invocation, events: [])) { _ in }
                extent.invocations += 1
            }
            try store.forEachEnvironment { environment in
                try Self.tell(recorder, of: environment, in: run, &extent)
            }
            return extent
        }
        await recorder.flush()
        return ReportDocument(
            schema: "loopwarden.run/1",
            title: "Run \(run)",
            sections: [
                .init(
                    key: "run",
                    content: .fields([
                        .init("name", "name", .text(run.rawValue)),
                        .init("environments", "environments", .integer(extent.environments)),
                        .init("invocations", "invocations", .integer(extent.invocations)),
                    ])
                )
            ]
        )
    }

    /// The invocations that never got an environment.
    private static func homeless(of run: RunName, in store: HistoryStore) async throws -> [InvocationRecord] {
        var found: [InvocationRecord] = []
        for outcome in Outcome.allCases where outcome != .ok {
            let filter = HistoryFilter(outcome: outcome, run: run, limit: .max)
            found += try await store.invocations(matching: filter).filter { $0.environment == nil }
        }
        return found.sorted { $0.requestedAt < $1.requestedAt }
    }

    /// Tells of an environment's life as the runner would have.
    private static func tell(
        _ recorder: Recorder,
        of environment: ReplayedEnvironment,
        in run: RunName,
        _ extent: inout Extent
    ) throws {
        var begun = environment.record
        (begun.endedAt, begun.end) = (nil, nil)
        recorder.environmentStarted(begun)
        var left: [LoopEvent] = []
        var count = 0
        try environment.forEachSegment { segment in
            guard var invocation = segment.invocation else { return left += segment.events }
            invocation.run = run
            recorder.invocationStarted(invocation)
            recorder.invocationEnded(EndedInvocation(record: invocation, events: left + segment.events)) { _ in }
            left = []
            count += 1
        }
        recorder.environmentEnded(environment.record, events: left)
        extent.environments += 1
        extent.invocations += count
    }
}

/// Why a simulation was not taken over.
enum RunAdoptionFailure: Error, Hashable, CustomStringConvertible {
    case noFile(String)
    case nameTaken(RunName)

    var description: String {
        switch self {
        case .noFile(let path): "There is no file \(path) that this daemon can read."
        case .nameTaken(let run): "The history has a run \"\(run)\" already."
        }
    }

    /// What the API says of it.
    var answer: APIFailure {
        switch self {
        case .noFile:
            APIFailure(
                .badBody,
                description,
                hint: "The daemon's user must be able to read it, and to write beside it."
            )
        case .nameTaken: .conflict(description, hint: "Choose another name.")
        }
    }
}
