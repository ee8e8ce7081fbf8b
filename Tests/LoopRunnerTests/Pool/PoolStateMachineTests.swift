import LoopModel
import Testing

@testable import LoopRunner

@Suite("The pool") struct PoolStateMachineTests {
    typealias Slot = PoolStateMachine.Slot
    typealias Ticket = PoolStateMachine.Ticket

    /// A machine with its clock, and with files that are fresh unless said otherwise.
    struct Pool {
        var machine: PoolStateMachine
        var now = Instant(nanoseconds: 0)
        var stale: Set<Int> = []

        init(
            concurrency: Int = 2,
            queue: Int = 3,
            keepAlive: Duration = .seconds(60),
            configure: (inout PoolStateMachine.Limits) -> Void = { _ in }
        ) {
            var limits = PoolStateMachine.Limits(concurrency: concurrency, queue: queue, keepAlive: keepAlive)
            configure(&limits)
            machine = PoolStateMachine(limits: limits)
        }

        mutating func arrive(_ ticket: Int, isCold: Bool = false) -> [PoolStateMachine.Action] {
            let stale = stale
            return machine.arrive(Ticket(rawValue: ticket), isCold: isCold, now: now) { !stale.contains($0.rawValue) }
        }

        mutating func ready(_ slot: Int) -> [PoolStateMachine.Action] {
            let stale = stale
            return machine.ready(Slot(rawValue: slot), now: now) { !stale.contains($0.rawValue) }
        }

        mutating func tend() -> [PoolStateMachine.Action] {
            let stale = stale
            return machine.tend(now: now) { !stale.contains($0.rawValue) }
        }

        mutating func finished(_ slot: Int) -> [PoolStateMachine.Action] {
            let stale = stale
            return machine.finished(Slot(rawValue: slot), now: now) { !stale.contains($0.rawValue) }
        }

        mutating func ended(_ slot: Int, _ cause: ColdStartCause? = nil) -> [PoolStateMachine.Action] {
            let stale = stale
            return machine.ended(Slot(rawValue: slot), cause: cause, now: now) { !stale.contains($0.rawValue) }
        }

        /// Starts a first environment and lets it become idle.
        mutating func warm() {
            _ = arrive(0)
            _ = ready(0)
            _ = finished(0)
        }
    }

    private func start(_ slot: Int, _ cause: ColdStartCause, _ ticket: Int) -> PoolStateMachine.Action {
        .start(Slot(rawValue: slot), cause, for: Ticket(rawValue: ticket))
    }

    private func run(_ ticket: Int, _ slot: Int) -> PoolStateMachine.Action {
        .run(Ticket(rawValue: ticket), on: Slot(rawValue: slot))
    }

    private func retire(_ slot: Int, _ reason: PoolStateMachine.RetireReason) -> PoolStateMachine.Action {
        .retire(Slot(rawValue: slot), reason)
    }

    private func reject(_ ticket: Int, _ why: PoolStateMachine.Rejection) -> PoolStateMachine.Action {
        .reject(Ticket(rawValue: ticket), why)
    }

    @Test("starts an environment for the first invocation and reuses it for the second")
    func coldThenWarm() {
        var pool = Pool()
        #expect(pool.arrive(0) == [start(0, .first, 0)])
        #expect(pool.ready(0) == [run(0, 0)])
        #expect(pool.finished(0) == [])
        #expect(pool.arrive(1) == [run(1, 0)])
    }

    @Test("scales out up to the concurrency, then makes invocations wait in order, then rejects")
    func scaleOut() {
        var pool = Pool(concurrency: 2, queue: 2)
        #expect(pool.arrive(0) == [start(0, .first, 0)])
        #expect(pool.arrive(1) == [start(1, .scaleOut, 1)])
        #expect(pool.arrive(2) == [])
        #expect(pool.arrive(3) == [])
        #expect(pool.arrive(4) == [reject(4, .queueFull)])
        _ = pool.ready(1)
        #expect(pool.finished(1) == [run(2, 1)])
        #expect(pool.finished(1) == [run(3, 1)])
        #expect(pool.arrive(5) == [])
    }

    @Test("prefers the environment that was used last")
    func mostRecentlyUsed() {
        var pool = Pool()
        _ = pool.arrive(0)
        _ = pool.arrive(1)
        _ = pool.ready(0)
        _ = pool.ready(1)
        _ = pool.finished(1)
        _ = pool.finished(0)
        #expect(pool.arrive(2) == [run(2, 0)])
    }

    @Test("keeps the invocation and the environment that was started for it together")
    func binding() {
        var pool = Pool()
        pool.warm()
        _ = pool.arrive(1)
        #expect(pool.arrive(2) == [start(1, .scaleOut, 2)])
        #expect(pool.finished(0) == [])
        #expect(pool.ready(1) == [run(2, 1)])
    }

    @Test("starts a new environment on request, beside an idle one where there is room")
    func requested() {
        var pool = Pool()
        pool.warm()
        #expect(pool.arrive(1, isCold: true) == [start(1, .requested, 1)])
    }

    @Test("retires an idle environment for a requested cold start at the limit, and waits until it is gone")
    func requestedAtLimit() {
        var pool = Pool(concurrency: 1, queue: 0)
        pool.warm()
        #expect(pool.arrive(1, isCold: true) == [retire(0, .requested)])
        #expect(pool.ended(0) == [start(1, .requested, 1)])
    }

    @Test("lets a requested cold start wait for a busy environment at the limit")
    func requestedWhileBusy() {
        var pool = Pool(concurrency: 1, queue: 1)
        pool.warm()
        _ = pool.arrive(1)
        #expect(pool.arrive(2, isCold: true) == [])
        #expect(pool.finished(0) == [retire(0, .requested)])
        #expect(pool.ended(0) == [start(1, .requested, 2)])
    }

    @Test("replaces environments whose files changed, each when it would have been used")
    func stale() {
        var pool = Pool(concurrency: 3)
        pool.warm()
        pool.stale = [0]
        #expect(pool.arrive(1) == [retire(0, .stale), start(1, .codeChange, 1)])
        #expect(pool.ended(0) == [])
        #expect(pool.arrive(2) == [start(2, .scaleOut, 2)])
    }

    @Test("waits for a changed environment's end where there is no room for another, even without a queue")
    func staleAtLimit() {
        var pool = Pool(concurrency: 1, queue: 0)
        pool.warm()
        pool.stale = [0]
        #expect(pool.arrive(1) == [retire(0, .stale)])
        #expect(pool.arrive(2) == [reject(2, .queueFull)])
        #expect(pool.ended(0) == [start(1, .codeChange, 1)])
    }

    @Test("checks the files before it gives a waiting invocation to a freed environment")
    func staleOnFree() {
        var pool = Pool(concurrency: 1)
        pool.warm()
        _ = pool.arrive(1)
        _ = pool.arrive(2)
        pool.stale = [0]
        #expect(pool.finished(0) == [retire(0, .stale)])
        #expect(pool.ended(0) == [start(1, .codeChange, 2)])
    }

    @Test(
        "names the reason why the last environment is gone",
        arguments: [ColdStartCause.timeout, .exit, .initFailure]
    )
    func replaced(cause: ColdStartCause) {
        var pool = Pool()
        pool.warm()
        _ = pool.arrive(1)
        #expect(pool.ended(0, cause) == [])
        #expect(pool.arrive(2) == [start(1, cause, 2)])
        #expect(pool.arrive(3) == [start(2, .scaleOut, 3)])
    }

    @Test("ends environments that were idle for their time, the longest idle first")
    func reap() {
        var pool = Pool(keepAlive: .seconds(60))
        _ = pool.arrive(0)
        _ = pool.arrive(1)
        _ = pool.ready(0)
        _ = pool.ready(1)
        #expect(pool.machine.nextDue == nil)
        _ = pool.finished(1)
        pool.now = Instant(nanoseconds: 1_000_000_000)
        _ = pool.finished(0)
        #expect(pool.machine.nextDue == Instant(nanoseconds: 60_000_000_000))
        #expect(pool.machine.tend(now: Instant(nanoseconds: 59_999_999_999)) { _ in true } == [])
        #expect(pool.machine.tend(now: Instant(nanoseconds: 60_000_000_000)) { _ in true } == [retire(1, .idle)])
        #expect(pool.machine.nextDue == Instant(nanoseconds: 61_000_000_000))
        #expect(pool.machine.tend(now: Instant(nanoseconds: 61_000_000_000)) { _ in true } == [retire(0, .idle)])
        #expect(pool.arrive(2) == [])
        #expect(pool.ended(0) == [start(2, .idleReaped, 2)])
    }

    @Test("never uses an environment that someone else is ending")
    func endingElsewhere() {
        var pool = Pool()
        pool.warm()
        pool.machine.ending(Slot(rawValue: 0))
        #expect(pool.arrive(1) == [start(1, .scaleOut, 1)])
        #expect(pool.ended(0, .exit) == [])
        #expect(pool.arrive(2) == [start(2, .exit, 2)])
    }

    @Test("tries a handler that cannot be loaded again at once a few times, then gives its error for a while")
    func backOff() {
        var pool = Pool(concurrency: 1)
        for attempt in 0...InitBackOff.freeFailures {
            #expect(pool.arrive(attempt) == [start(attempt, attempt == 0 ? .first : .initFailure, attempt)])
            #expect(pool.ended(attempt, .initFailure) == [])
        }
        #expect(pool.arrive(10) == [.failFast(Ticket(rawValue: 10))])
        pool.now = pool.now + InitBackOff.shortestPause
        let next = InitBackOff.freeFailures + 1
        #expect(pool.arrive(11) == [start(next, .initFailure, 11)])
        #expect(pool.ready(next) == [run(11, next)])
        _ = pool.ended(next, .exit)
        #expect(pool.arrive(12) == [start(next + 1, .exit, 12)])
    }

    @Test("answers all who wait when the handler cannot be loaded")
    func backOffQueue() {
        var pool = Pool(concurrency: 1, queue: 100)
        for ticket in 0..<10 { _ = pool.arrive(ticket) }
        var answered = 0
        var slot = 0
        while pool.machine.count > 0 {
            let actions = pool.ended(slot, .initFailure)
            answered += 1 + actions.count { if case .failFast = $0 { true } else { false } }
            slot += 1
        }
        #expect(answered == 10)
    }

    @Test("replaces every environment when the function is configured anew")
    func reconfigured() {
        var pool = Pool(concurrency: 2)
        pool.warm()
        _ = pool.arrive(1, isCold: true)
        _ = pool.ready(1)
        let limits = PoolStateMachine.Limits(concurrency: 3, queue: 1, keepAlive: .seconds(1))
        #expect(pool.machine.replace(limits: limits, now: pool.now) { _ in true } == [retire(0, .replaced)])
        #expect(pool.finished(1) == [retire(1, .replaced)])
        #expect(pool.arrive(2) == [start(2, .codeChange, 2)])
        #expect(pool.ended(0) + pool.ended(1) == [])
    }

    @Test("rejects who waits and lets who runs end, once closed")
    func close() {
        var pool = Pool(concurrency: 2)
        pool.warm()
        _ = pool.arrive(1)
        _ = pool.arrive(2)
        _ = pool.arrive(3)
        #expect(pool.machine.close(.shuttingDown, retiring: .shutdown) == [reject(3, .shuttingDown)])
        #expect(pool.arrive(4) == [reject(4, .shuttingDown)])
        #expect(pool.finished(0) == [retire(0, .shutdown)])
        #expect(pool.ready(1) == [run(2, 1)])
        #expect(pool.finished(1) == [retire(1, .shutdown)])
        #expect(pool.ended(0) + pool.ended(1) == [])
        #expect(pool.machine.isEmpty)
    }

    @Test("ignores what is said of environments that it does not know")
    func unknown() {
        var pool = Pool()
        #expect(pool.ready(7) + pool.finished(7) + pool.ended(7, .exit) == [])
        pool.machine.ending(Slot(rawValue: 7))
        #expect(pool.arrive(0) == [start(0, .first, 0)])
    }
}
