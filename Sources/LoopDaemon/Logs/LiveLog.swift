import LoopModel
import LoopOS

/// What is being logged now: the lines of what has not ended yet, and new ones as they come, for those who follow.
///
/// Several threads may call it; nothing here waits. What is kept is bounded: whoever follows too slowly is told how
/// much passed by.
final class LiveLog: Sendable {
    /// Lines kept for those who follow, and their bytes.
    private static let ringLimit = (lines: 20_000, bytes: 8 << 20)
    /// Lines kept of an invocation that runs, or of an environment since its last one, and their bytes.
    private static let unfinishedLimit = (lines: 500, bytes: 64 << 10)
    /// Of an environment, in a second, in bytes; more is not told line by line.
    static let flood = 256 << 10
    /// A longer line is cut in pieces, in bytes; as long as an event of CloudWatch Logs.
    private static let longestLine = 256 << 10
    /// Lines in one reply.
    private static let mostAtOnce = 5000
    /// Somebody who has not asked for so long follows no more, in nanoseconds.
    private static let patience: Int64 = 90_000_000_000

    /// Sets the positions of this daemon apart from those of another.
    private let token = String(EnvironmentID.random().rawValue.prefix(8))
    private let state = Locked(State())

    private struct State {
        var environments: [EnvironmentID: Source] = [:]
        var ring: [(number: Int64, line: LogLine)] = []
        var ringBytes = 0
        /// Of the last line.
        var number: Int64 = 0
        /// On the monotonic clock; lines are kept only while somebody follows.
        var followedUntil: Int64 = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0
    }

    /// One environment; an object, because every invocation changes it twice, and a value would be moved each time.
    private final class Source {
        let function: FunctionName
        var environment: LoggedEnvironment
        /// nil: the environment itself.
        var invocation: InvocationRecord?
        /// Whether INIT_START was told; until then the lines wait, for it comes first.
        var isTold = false
        /// Since when what is not finished is going on.
        var since: WallTime
        var unfinished: [LogLine] = [] {
            didSet { if unfinished.isEmpty { unfinishedBytes = 0 } }
        }
        var unfinishedBytes = 0
        /// The beginning of a line whose end has not come yet.
        var partial: [UInt8] = []
        var partialAt = WallTime(nanoseconds: 0)
        /// Of the second that began at ``secondAt``, in bytes.
        var printed = 0
        var secondAt: Int64 = 0
        var leftOut = 0

        init(function: FunctionName, environment: LoggedEnvironment, since: WallTime) {
            self.function = function
            self.environment = environment
            self.since = since
        }
    }

    // MARK: What happens

    func started(_ record: EnvironmentRecord) {
        state.withLock {
            $0.environments[record.id] = Source(
                function: record.function,
                environment: LoggedEnvironment(record),
                since: record.startedAt
            )
        }
    }

    func ready(_ record: EnvironmentRecord) {
        change(record.id) { source, lines, _ in
            source.environment.pythonVersion = record.pythonVersion
            Self.tellStart(source, &lines)
            (source.unfinished, source.since) = ([], .now)
        }
    }

    /// What an environment had printed outside of any invocation was handed on to be stored.
    func finished(_ environment: EnvironmentID, at moment: WallTime) {
        change(environment) { source, lines, _ in
            guard source.invocation == nil else { return }
            Self.endLine(source, &lines)
            // Else it is told to nobody yet, and waits.
            if source.isTold { (source.unfinished, source.since) = ([], moment) }
        }
    }

    func sent(_ record: InvocationRecord, at moment: WallTime) {
        guard let environment = record.environment else { return }
        change(environment) { source, lines, _ in
            Self.tellStart(source, &lines)
            Self.endLine(source, &lines)
            (source.invocation, source.since, source.unfinished) = (record, moment, [])
            let id = record.requestID ?? record.id
            if let text = PlatformLog(source.environment).start(id, of: source.function, at: moment) {
                Self.tell(text, at: moment, isPlatform: true, source, &lines)
            }
        }
    }

    func printed(_ environment: EnvironmentID, _ bytes: UnsafeRawBufferPointer, at moment: WallTime) {
        change(environment) { source, lines, _ in
            if moment.nanoseconds - source.secondAt >= 1_000_000_000 || moment.nanoseconds < source.secondAt {
                Self.tellLeftOut(at: moment, source, &lines)
                (source.secondAt, source.printed) = (moment.nanoseconds, 0)
            }
            source.printed += bytes.count
            guard source.printed <= Self.flood else {
                source.leftOut += bytes.count
                return
            }
            Self.take(bytes, at: moment, source, &lines)
        }
    }

    func ended(_ record: InvocationRecord, at moment: WallTime) {
        guard let environment = record.environment else { return }
        change(environment) { source, lines, isFollowed in
            Self.tellStart(source, &lines)
            Self.tellLeftOut(at: moment, source, &lines)
            Self.endLine(source, &lines)
            let wasSent = source.invocation?.id == record.id
            (source.invocation, source.since, source.unfinished) = (nil, moment, [])
            // Every invocation comes by here, and the lines of its end are only for those who follow.
            guard isFollowed else { return }
            let part = LogPart(
                function: record.function,
                environment: source.environment,
                subject: .invocation(record),
                at: record.beganAt
            )
            // What was told already is not told again.
            let all = part.lines
            let begin = wasSent ? all.firstIndex { $0.text.isStart }.map { $0 + 1 } ?? 0 : 0
            lines += all[begin...]
        }
    }

    func ended(_ record: EnvironmentRecord) {
        change(record.id) { source, lines, _ in
            source.environment.pythonVersion = record.pythonVersion
            Self.tellStart(source, &lines)
            Self.endLine(source, &lines)
        }
        state.withLock { $0.environments[record.id] = nil }
    }

    // MARK: Lines

    /// - Parameters:
    ///   - id: the environment.
    ///   - body: changes what is known of it and adds lines; is told whether anybody follows, for whom these are.
    private func change(_ id: EnvironmentID, _ body: (Source, inout [LogLine], _ isFollowed: Bool) -> Void) {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard let source = state.environments[id] else { return [] }
            var lines: [LogLine] = []
            let isFollowed = MonotonicClock.nanoseconds() < state.followedUntil
            body(source, &lines, isFollowed)
            guard isFollowed else {
                (state.ring, state.ringBytes) = ([], 0)
                return []
            }
            guard !lines.isEmpty else { return [] }
            for line in lines {
                state.number += 1
                state.ringBytes += line.text.utf8.count
                state.ring.append((state.number, line))
            }
            // In one go now and then: to take away the first one moves all others.
            if state.ring.count > 2 * Self.ringLimit.lines || state.ringBytes > 2 * Self.ringLimit.bytes {
                let kept = Self.newest(of: state.ring.map(\.line), Self.ringLimit)
                state.ring.removeFirst(state.ring.count - kept.count)
                state.ringBytes = kept.bytes
            }
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for waiter in waiting { waiter.resume() }
    }

    private static func take(
        _ bytes: UnsafeRawBufferPointer,
        at moment: WallTime,
        _ source: Source,
        _ lines: inout [LogLine]
    ) {
        for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            if part.offset > 0 { endLine(source, &lines, isWhole: true, at: moment) }
            if source.partial.isEmpty { source.partialAt = moment }
            source.partial += part.element
            if source.partial.count > longestLine { endLine(source, &lines) }
        }
    }

    /// Ends the line that has begun; without a line feed only one that holds something.
    private static func endLine(
        _ source: Source,
        _ lines: inout [LogLine],
        isWhole: Bool = false,
        at moment: WallTime? = nil
    ) {
        guard isWhole || !source.partial.isEmpty else { return }
        let text = String(decoding: source.partial, as: UTF8.self)
        let at = source.partial.isEmpty ? moment ?? source.partialAt : source.partialAt
        source.partial = []
        tell(text, at: at, source, &lines)
    }

    private static func tell(
        _ text: String,
        at moment: WallTime,
        isPlatform: Bool = false,
        _ source: Source,
        _ lines: inout [LogLine]
    ) {
        let line = LogLine(
            at: moment,
            function: source.function,
            environment: source.environment,
            invocation: source.invocation?.id,
            request: source.invocation?.requestID,
            isPlatform: isPlatform,
            text: text
        )
        source.unfinished.append(line)
        source.unfinishedBytes += line.text.utf8.count
        if source.unfinished.count > 2 * unfinishedLimit.lines || source.unfinishedBytes > 2 * unfinishedLimit.bytes {
            let kept = newest(of: source.unfinished, unfinishedLimit)
            source.unfinished.removeFirst(source.unfinished.count - kept.count)
            source.unfinishedBytes = kept.bytes
        }
        if source.isTold { lines.append(line) }
    }

    /// How many of the newest lines are within a limit, and their bytes.
    private static func newest(of lines: [LogLine], _ limit: (lines: Int, bytes: Int)) -> (count: Int, bytes: Int) {
        var kept = (count: 0, bytes: 0)
        for line in lines.reversed() {
            let bytes = kept.bytes + line.text.utf8.count
            guard kept.count < limit.lines, bytes <= limit.bytes else { break }
            kept = (kept.count + 1, bytes)
        }
        return kept
    }

    private static func tellStart(_ source: Source, _ lines: inout [LogLine]) {
        guard !source.isTold else { return }
        source.isTold = true
        let part = LogPart(
            function: source.function,
            environment: source.environment,
            subject: .start,
            at: source.environment.startedAt
        )
        lines += part.lines + source.unfinished
    }

    private static func tellLeftOut(at moment: WallTime, _ source: Source, _ lines: inout [LogLine]) {
        guard source.leftOut > 0 else { return }
        endLine(source, &lines)
        let text = "[… \(source.leftOut) bytes left out …]"
        source.leftOut = 0
        tell(text, at: moment, source, &lines)
    }

    // MARK: Who asks

    /// What is going on at an instant, and the position of what comes next.
    struct Present: Sendable {
        /// Of what has not ended; INIT_START is not among them where it was told to nobody yet.
        var lines: [LogLine]
        var position: String
        var at: WallTime
        /// The invocations of ``lines``.
        var invocations: Set<InvocationID>
        /// Environments that serve none, and since when.
        var environments: [EnvironmentID: WallTime]

        /// Whether a line of the history belongs to what has ended, so that nobody is told of it again.
        func hasEnded(_ line: LogLine) -> Bool {
            guard line.at < at else { return false }
            if let invocation = line.invocation { return !invocations.contains(invocation) }
            guard let environment = line.environment, let since = environments[environment] else { return true }
            return line.at < since
        }
    }

    /// What is going on now; `follows` says whether new lines will be asked for.
    func present(follows: Bool) -> Present {
        state.withLock { state in
            if follows { state.followedUntil = MonotonicClock.nanoseconds() + Self.patience }
            var present = Present(
                lines: [],
                position: position(state.number),
                at: .now,
                invocations: [],
                environments: [:]
            )
            for (id, source) in state.environments {
                // What waits for INIT_START is told with it, later.
                if source.isTold || !follows { present.lines += source.unfinished }
                if let invocation = source.invocation {
                    present.invocations.insert(invocation.id)
                } else {
                    present.environments[id] = source.since
                }
            }
            return present
        }
    }

    /// What came after a position.
    struct News: Sendable {
        var lines: [LogLine]
        var position: String
        /// How many lines passed by before they were asked for.
        var missed: Int
    }

    /// Waits until there are lines that match, but no longer than allowed.
    ///
    /// - Returns: nil when the position is none of this daemon's.
    func news(after text: String, matching filter: LogFilter, wait: Duration) async -> News? {
        guard let start = number(in: text) else { return nil }
        let deadline = MonotonicClock.nanoseconds() + wait.nanoseconds
        var last = start
        var missed = 0
        while true {
            let (lines, now, lost) = state.withLock { state -> ([LogLine], Int64, Int) in
                state.followedUntil = MonotonicClock.nanoseconds() + Self.patience
                let first = state.ring.first?.number ?? state.number + 1
                let lost = max(0, Int(first - 1 - last))
                let fresh = state.ring.suffix(Int(max(0, min(state.number - last, Int64(state.ring.count)))))
                let matching = fresh.lazy.filter { filter.matches($0.line) }.prefix(Self.mostAtOnce)
                // What does not fit is asked for next.
                let isWhole = matching.count < Self.mostAtOnce
                return (matching.map(\.line), isWhole ? state.number : matching.last?.number ?? last, lost)
            }
            missed += lost
            let rest = deadline - MonotonicClock.nanoseconds()
            if !lines.isEmpty || missed > 0 || rest <= 0 || Task.isCancelled {
                return News(lines: lines, position: position(now), missed: missed)
            }
            last = now
            await something(after: now, atMost: .nanoseconds(rest))
        }
    }

    /// Waits for the next line, whosever it is.
    private func something(after number: Int64, atMost time: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await Task.sleep(for: time) }
            group.addTask { await self.line(after: number) }
            _ = await group.next()
            group.cancelAll()
        }
    }

    private func line(after number: Int64) async {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.number > number || Task.isCancelled { return true }
                    state.waiting[waiter] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: waiter) }?.resume()
        }
    }

    private func position(_ number: Int64) -> String { "\(token)-\(number)" }

    private func number(in position: String) -> Int64? {
        let halves = position.split(separator: "-")
        guard halves.count == 2, halves[0] == token else { return nil }
        return Int64(halves[1])
    }
}

extension String {
    /// Whether it is the platform's line of an invocation's beginning, in text or JSON.
    fileprivate var isStart: Bool { hasPrefix("START ") || hasPrefix("{") && contains("\"type\":\"platform.start\"") }
}
