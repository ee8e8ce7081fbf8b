import LoopModel
import Testing

@testable import LoopRunner

@Suite("The pool, ahead of invocations") struct PoolAheadTests {
    typealias Pool = PoolStateMachineTests.Pool
    typealias Slot = PoolStateMachine.Slot
    typealias Ticket = PoolStateMachine.Ticket

    private func start(_ slot: Int, _ cause: ColdStartCause, _ ticket: Int? = nil) -> PoolStateMachine.Action {
        .start(Slot(rawValue: slot), cause, for: ticket.map(Ticket.init))
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

    private func seconds(_ seconds: Int) -> Instant { Instant(nanoseconds: Int64(seconds) * 1_000_000_000) }

    /// A pool whose provisioned environments are ready.
    private func provisioned(_ count: Int, concurrency: Int = 4, queue: Int = 3) -> Pool {
        var pool = Pool(concurrency: concurrency, queue: queue) { $0.provisioned = count }
        #expect(pool.tend() == (0..<count).map { start($0, .provisioned) })
        for slot in 0..<count { #expect(pool.ready(slot) == []) }
        #expect(pool.machine.provisioned?.state == .ready)
        return pool
    }

    // MARK: Provisioned environments

    @Test("starts what is provisioned before anybody asks, and says how far it is")
    func progress() {
        var pool = Pool(concurrency: 4) { $0.provisioned = 2 }
        #expect(
            pool.machine.provisioned == ProvisioningStatus(wanted: 2, allocated: 0, available: 0, state: .inProgress)
        )
        #expect(pool.tend() == [start(0, .provisioned), start(1, .provisioned)])
        #expect(pool.tend() == [])
        _ = pool.ready(1)
        #expect(
            pool.machine.provisioned == ProvisioningStatus(wanted: 2, allocated: 2, available: 1, state: .inProgress)
        )
        _ = pool.ready(0)
        #expect(pool.machine.provisioned == ProvisioningStatus(wanted: 2, allocated: 2, available: 2, state: .ready))
    }

    @Test("uses provisioned environments first, and others beyond them")
    func spillOver() {
        var pool = provisioned(2)
        #expect(pool.arrive(0) == [run(0, 1)])
        #expect(pool.arrive(1) == [run(1, 0)])
        #expect(pool.arrive(2) == [start(2, .scaleOut, 2)])
        _ = pool.ready(2)
        #expect(pool.finished(0) == [])
        #expect(pool.finished(2) == [])
        #expect(pool.arrive(3) == [run(3, 0)])
    }

    @Test("keeps provisioned environments whatever the keep-alive says, and ends the others")
    func kept() {
        var pool = provisioned(1)
        #expect(pool.machine.nextDue == nil)
        _ = pool.arrive(0)
        _ = pool.arrive(1)
        _ = pool.ready(1)
        _ = pool.finished(0)
        _ = pool.finished(1)
        #expect(pool.machine.nextDue == seconds(60))
        pool.now = seconds(86_400)
        #expect(pool.tend() == [retire(1, .idle)])
        #expect(pool.machine.nextDue == nil)
    }

    @Test("replaces a provisioned environment that ended, and that is no cause of another's cold start")
    func lost() {
        var pool = provisioned(1)
        _ = pool.arrive(0)
        #expect(pool.ended(0, .timeout) == [start(1, .provisioned)])
        #expect(pool.machine.provisioned?.state == .inProgress)
        _ = pool.ready(1)
        #expect(pool.arrive(1) == [run(1, 1)])
        #expect(pool.arrive(2) == [start(2, .scaleOut, 2)])
    }

    @Test("lets an invocation wait for a provisioned environment that is coming, and starts no other for it")
    func coming() {
        var pool = Pool(concurrency: 4, queue: 0) { $0.provisioned = 2 }
        _ = pool.tend()
        #expect(pool.arrive(0) == [])
        #expect(pool.arrive(1) == [])
        #expect(pool.arrive(2) == [start(2, .scaleOut, 0)])
        #expect(pool.ready(1) == [run(1, 1)])
        #expect(pool.ready(0) == [run(2, 0)])
        #expect(pool.ready(2) == [run(0, 2)])
    }

    @Test("starts an environment for who waits when the one that was coming fails")
    func comingFails() {
        var pool = Pool(concurrency: 4) { $0.provisioned = 1 }
        _ = pool.tend()
        _ = pool.arrive(0)
        #expect(pool.ended(0, .initFailure) == [start(1, .initFailure, 0)])
        #expect(pool.machine.provisioned?.state == .failed)
    }

    @Test("tries no other when the handler cannot be loaded, until it was loaded once")
    func failed() {
        var pool = Pool(concurrency: 4) { $0.provisioned = 1 }
        _ = pool.tend()
        #expect(pool.ended(0, .initFailure) == [])
        #expect(pool.machine.provisioned == ProvisioningStatus(wanted: 1, allocated: 0, available: 0, state: .failed))
        pool.now = seconds(3600)
        #expect(pool.tend() == [])
        #expect(pool.machine.nextDue == nil)
        #expect(pool.arrive(0) == [start(1, .initFailure, 0)])
        #expect(pool.ready(1) == [run(0, 1), start(2, .provisioned)])
        _ = pool.ready(2)
        #expect(pool.machine.provisioned?.state == .ready)
    }

    @Test("tries again when it is told to")
    func triedAgain() {
        var pool = Pool(concurrency: 4) { $0.provisioned = 1 }
        _ = pool.tend()
        _ = pool.ended(0, .initFailure)
        #expect(pool.machine.provision(1, now: pool.now) == [start(1, .provisioned)])
    }

    @Test("waits longer and longer before it replaces environments that end without having served")
    func pauses() {
        var pool = provisioned(1)
        var slot = 0
        for _ in 0..<InitBackOff.freeFailures {
            #expect(pool.ended(slot, .exit) == [start(slot + 1, .provisioned)])
            slot += 1
            _ = pool.ready(slot)
        }
        #expect(pool.ended(slot, .exit) == [])
        let due = pool.machine.nextDue
        #expect(due == pool.now + InitBackOff.shortestPause)
        pool.now = due ?? pool.now
        #expect(pool.tend() == [start(slot + 1, .provisioned)])
        // One that has served is as good as new.
        _ = pool.ready(slot + 1)
        _ = pool.arrive(0)
        _ = pool.finished(slot + 1)
        #expect(pool.ended(slot + 1, .exit) == [start(slot + 2, .provisioned)])
    }

    @Test("replaces them when their files were changed, before they are used and when somebody looks")
    func changed() {
        var pool = provisioned(2)
        pool.stale = [0, 1]
        #expect(
            pool.arrive(0) == [
                retire(1, .stale), retire(0, .stale), start(2, .codeChange, 0), start(3, .provisioned),
            ]
        )
        #expect(pool.ended(0) == [start(4, .provisioned)])

        pool = provisioned(2)
        let stale: (Slot) -> Bool = { $0.rawValue != 0 }
        #expect(pool.machine.renew(now: pool.now, isFresh: stale) == [retire(0, .stale), start(2, .provisioned)])
        #expect(pool.machine.renew(now: pool.now) { _ in true } == [])
    }

    @Test("replaces them, those too that are being started, when the function is configured anew")
    func reconfigured() {
        var pool = Pool(concurrency: 3) { $0.provisioned = 2 }
        _ = pool.tend()
        _ = pool.ready(0)
        let limits = pool.machine.limits
        #expect(
            pool.machine.replace(limits: limits, now: pool.now) { _ in true } == [
                retire(0, .replaced), retire(1, .replaced), start(2, .provisioned),
            ]
        )
        #expect(pool.ready(1) == [])
        #expect(pool.ended(1) == [start(3, .provisioned)])
    }

    @Test("keeps as many as it is told to from now on; those that are too many end by their keep-alive")
    func changedNumber() {
        var pool = provisioned(2)
        #expect(pool.machine.provision(3, now: pool.now) == [start(2, .provisioned)])
        #expect(pool.machine.provision(1, now: pool.now) == [])
        pool.now = seconds(60)
        #expect(pool.tend() == [retire(1, .idle)])
        #expect(pool.machine.provision(0, now: pool.now) == [])
        #expect(pool.machine.provisioned == nil)
        // It became idle at 0 s, too.
        #expect(pool.tend() == [retire(0, .idle)])
        // And the one that was coming is there to be used.
        #expect(pool.ready(2) == [])
        #expect(pool.arrive(0) == [run(0, 2)])
    }

    @Test("takes an idle environment for a provisioned one where there is no room for another")
    func adopted() {
        var pool = provisioned(1, concurrency: 1)
        #expect(pool.arrive(0, isCold: true) == [retire(0, .requested)])
        #expect(pool.ended(0) == [start(1, .requested, 0)])
        _ = pool.ready(1)
        #expect(pool.machine.provisioned?.state == .inProgress)
        _ = pool.finished(1)
        #expect(pool.machine.provisioned?.state == .ready)
        #expect(pool.machine.nextDue == nil)
    }

    @Test("starts only a few at the same time")
    func fewAtOnce() {
        var pool = Pool(concurrency: 100) { $0.provisioned = 20 }
        #expect(pool.tend().count == PoolStateMachine.mostStartedAhead)
        #expect(pool.ready(0) == [start(PoolStateMachine.mostStartedAhead, .provisioned)])
    }

    @Test("ends what is being started for nobody when it is closed, and starts nothing after that")
    func closed() {
        var pool = Pool(concurrency: 3) { $0.provisioned = 2 }
        _ = pool.tend()
        _ = pool.ready(0)
        #expect(
            pool.machine.close(.shuttingDown, retiring: .shutdown) == [retire(0, .shutdown), retire(1, .shutdown)]
        )
        #expect(pool.ready(1) + pool.ended(0) + pool.ended(1) + pool.tend() == [])
        #expect(pool.machine.isEmpty)
    }

    @Test("gives a requested cold start an environment of its own beside provisioned ones")
    func requested() {
        var pool = provisioned(1)
        #expect(pool.arrive(0, isCold: true) == [start(1, .requested, 0)])
    }

    // MARK: Expected invocations

    /// A pool that has learnt that its function is invoked every ten minutes.
    private func expecting() -> Pool {
        var pool = Pool { $0.policy = KeepAliveChoice(policy: "histogram", options: ["minimum": 2]) }
        pool.machine.recall(idle: .seconds(600))
        pool.machine.recall(idle: .seconds(600))
        return pool
    }

    @Test(
        "ends an idle environment at once where none is needed for long, and starts one in time for the next invocation"
    )
    func preWarmed() {
        var pool = expecting()
        #expect(pool.machine.nextDue == nil)
        pool.warm()
        #expect(pool.machine.nextDue == seconds(0))
        #expect(pool.tend() == [retire(0, .idle)])
        _ = pool.ended(0)
        #expect(pool.machine.nextDue == seconds(540))
        pool.now = seconds(539)
        #expect(pool.tend() == [])
        pool.now = seconds(540)
        #expect(pool.tend() == [start(1, .preWarmed)])
        _ = pool.ready(1)
        // To a tenth after the end of the eleventh minute, since it is there.
        #expect(pool.machine.nextDue == seconds(726))
        pool.now = seconds(600)
        #expect(pool.arrive(1) == [run(1, 1)])
        #expect(pool.finished(1) == [])
        #expect(pool.machine.nextDue == seconds(600))
    }

    @Test("ends the environment when the expected invocation does not come, and expects it no longer")
    func inVain() {
        var pool = expecting()
        pool.warm()
        _ = pool.tend()
        _ = pool.ended(0)
        pool.now = seconds(540)
        _ = pool.tend()
        _ = pool.ready(1)
        pool.now = seconds(726)
        #expect(pool.tend() == [retire(1, .idle)])
        _ = pool.ended(1)
        #expect(pool.machine.nextDue == nil)
        #expect(pool.arrive(1) == [start(2, .idleReaped, 1)])
    }

    @Test("lets an invocation that comes while its environment is being started wait for that")
    func early() {
        var pool = expecting()
        pool.warm()
        _ = pool.tend()
        _ = pool.ended(0)
        pool.now = seconds(540)
        _ = pool.tend()
        #expect(pool.arrive(1) == [])
        #expect(pool.ready(1) == [run(1, 1)])
    }

    @Test("an invocation before the expected one is a cold start, and moves what is expected")
    func tooEarly() {
        var pool = expecting()
        pool.warm()
        _ = pool.tend()
        _ = pool.ended(0)
        pool.now = seconds(100)
        #expect(pool.arrive(1) == [start(1, .idleReaped, 1)])
        _ = pool.ready(1)
        _ = pool.finished(1)
        // Three idle times now, one of them in the second minute: that is the head.
        #expect(pool.tend() == [retire(1, .idle)])
        #expect(pool.machine.nextDue == seconds(100 + 54))
    }

    @Test("starts nothing ahead while the function has an invocation, or provisioned environments")
    func notNeeded() {
        var pool = expecting()
        pool.warm()
        _ = pool.tend()
        _ = pool.ended(0)
        pool.now = seconds(500)
        _ = pool.arrive(1)
        _ = pool.ready(1)
        pool.now = seconds(2000)
        #expect(pool.machine.keepAlive.windows.preWarming > .zero)
        #expect(pool.tend() == [])

        pool = Pool {
            $0.policy = KeepAliveChoice(policy: "histogram", options: ["minimum": 2])
            $0.provisioned = 1
        }
        pool.machine.recall(idle: .seconds(600))
        pool.machine.recall(idle: .seconds(600))
        _ = pool.tend()
        _ = pool.ready(0)
        _ = pool.arrive(0)
        _ = pool.finished(0)
        pool.now = seconds(540)
        #expect(pool.tend() == [])
        #expect(pool.machine.nextDue == nil)
    }

    @Test("learns from the end of the last invocation to the next, not from what overlaps")
    func learns() {
        var pool = Pool { $0.policy = KeepAliveChoice(policy: "histogram", options: ["minimum": 2]) }
        _ = pool.arrive(0)
        pool.now = seconds(1000)
        _ = pool.arrive(1)
        _ = pool.ready(0)
        _ = pool.ready(1)
        _ = pool.finished(0)
        pool.now = seconds(2000)
        _ = pool.finished(1)
        #expect(pool.machine.keepAlive.windows == KeepAliveWindows(keepAlive: .seconds(60)))
        for ticket in 2...3 {
            pool.now = pool.now + .seconds(600)
            let actions = pool.arrive(ticket)
            guard case .run(_, let slot) = actions.last else {
                Issue.record("not warm: \(actions)")
                return
            }
            _ = pool.finished(slot.rawValue)
        }
        #expect(pool.machine.keepAlive.windows.preWarming == .seconds(540))
    }

    @Test("keeps what it has learnt when the function's code is replaced, and forgets it for another policy")
    func learntAndKept() {
        var pool = expecting()
        _ = pool.machine.replace(limits: pool.machine.limits, now: pool.now) { _ in true }
        #expect(pool.machine.keepAlive.windows.preWarming > .zero)
        var limits = pool.machine.limits
        limits.policy = .fixed
        _ = pool.machine.replace(limits: limits, now: pool.now) { _ in true }
        #expect(pool.machine.keepAlive.windows == KeepAliveWindows(keepAlive: .seconds(60)))
    }

    // MARK: Rates

    @Test("starts environments no faster than it may; who waits gets one as soon as it may")
    func scaling() {
        var pool = Pool(concurrency: 10, queue: 1) {
            $0.scaling = ScalingRate(environments: 2, period: .seconds(10))
        }
        #expect(pool.arrive(0) == [start(0, .first, 0)])
        #expect(pool.arrive(1) == [start(1, .scaleOut, 1)])
        #expect(pool.arrive(2) == [])
        #expect(pool.arrive(3) == [reject(3, .scalingRate)])
        #expect(pool.machine.nextDue == seconds(5))
        pool.now = seconds(5)
        #expect(pool.tend() == [start(2, .scaleOut, 2)])
        #expect(pool.machine.nextDue == nil)
    }

    @Test("turns an invocation away at once where nobody waits")
    func scalingReserved() {
        var pool = Pool(concurrency: 10, queue: 0) {
            $0.scaling = ScalingRate(environments: 1, period: .seconds(10))
        }
        #expect(pool.arrive(0) == [start(0, .first, 0)])
        #expect(pool.arrive(1) == [reject(1, .scalingRate)])
        #expect(pool.machine.nextDue == nil)
        _ = pool.ready(0)
        _ = pool.finished(0)
        // An environment that is there is not a new one.
        #expect(pool.arrive(2) == [run(2, 0)])
    }

    @Test("gives who waits a freed environment before the rate allows a new one")
    func scalingFreed() {
        var pool = Pool(concurrency: 10, queue: 1) {
            $0.scaling = ScalingRate(environments: 1, period: .seconds(10))
        }
        _ = pool.arrive(0)
        _ = pool.arrive(1)
        _ = pool.ready(0)
        #expect(pool.finished(0) == [run(1, 0)])
        #expect(pool.machine.nextDue == nil)
    }

    @Test("does not count provisioned environments against the rate")
    func scalingProvisioned() {
        var pool = Pool(concurrency: 10, queue: 0) {
            $0.scaling = ScalingRate(environments: 1, period: .seconds(10))
            $0.provisioned = 3
        }
        _ = pool.tend()
        for slot in 0..<3 { _ = pool.ready(slot) }
        for ticket in 0..<3 { #expect(pool.arrive(ticket) == [run(ticket, 2 - ticket)]) }
        #expect(pool.arrive(3) == [start(3, .scaleOut, 3)])
    }

    @Test("takes no more requests a second than it may")
    func requests() {
        var pool = Pool(concurrency: 1, queue: 0) { $0.requestsPerSecond = 10 }
        pool.warm()
        for ticket in 1..<10 {
            #expect(pool.arrive(ticket) == [run(ticket, 0)])
            _ = pool.finished(0)
        }
        #expect(pool.arrive(10) == [reject(10, .requestRate)])
        pool.now = Instant(nanoseconds: 100_000_000)
        #expect(pool.arrive(11) == [run(11, 0)])
    }
}
