import LoopModel
import Testing

@testable import LoopRunner

/// Drives the machine with random events, does what it says, and checks what must hold whatever happens.
@Suite("The pool under random events") struct PoolModelTests {
    typealias Slot = PoolStateMachine.Slot
    typealias Ticket = PoolStateMachine.Ticket

    struct World {
        var machine: PoolStateMachine
        var now = Instant(nanoseconds: 0)
        let limits: PoolStateMachine.Limits
        /// What each environment is doing: nil is idle.
        var environments: [Slot: Ticket?] = [:]
        var starting: Set<Slot> = []
        /// Those that were started before anybody asked for them, and have served nobody.
        var ahead: Set<Slot> = []
        var ending: [Slot: ColdStartCause?] = [:]
        var unanswered: Set<Ticket> = []
        var order: [Ticket] = []
        var cold: Set<Ticket> = []
        var nextTicket = 0
        /// When environments were started for invocations.
        var starts: [Instant] = []
        /// When invocations were let in.
        var arrivals: [Instant] = []

        init(limits: PoolStateMachine.Limits) {
            self.limits = limits
            machine = PoolStateMachine(limits: limits)
        }

        mutating func perform(_ actions: [PoolStateMachine.Action]) {
            for action in actions {
                switch action {
                case .start(let slot, let cause, let ticket):
                    #expect(environments[slot] == nil)
                    #expect(environments.count < limits.concurrency)
                    #expect(cause.isAhead == (ticket == nil))
                    starting.insert(slot)
                    if let ticket {
                        #expect(cold.contains(ticket) == (cause == .requested))
                        take(ticket)
                        environments[slot] = ticket
                        starts.append(now)
                    } else {
                        #expect(cause != .provisioned || limits.provisioned > 0)
                        environments[slot] = .some(nil)
                        ahead.insert(slot)
                    }
                case .run(let ticket, let slot):
                    if starting.remove(slot) != nil {
                        #expect(environments[slot] == .some(ticket))
                    } else {
                        #expect(environments[slot] == .some(nil))
                        #expect(ending[slot] == nil)
                        #expect(!cold.contains(ticket))
                        take(ticket)
                        environments[slot] = ticket
                    }
                    ahead.remove(slot)
                case .retire(let slot, _):
                    #expect(environments[slot] == .some(nil))
                    #expect(ending[slot] == nil)
                    starting.remove(slot)
                    ending[slot] = .some(nil)
                case .failFast(let ticket), .reject(let ticket, _):
                    take(ticket, isInOrder: false)
                    answer(ticket)
                }
                #expect(environments.count <= limits.concurrency)
            }
            check()
        }

        /// What holds after every change.
        private func check() {
            #expect(machine.count == environments.count)
            #expect(machine.inFlight == order.count + environments.count { $0.value != nil && ending[$0.key] == nil })
            #expect(machine.startedAhead == starting.count { environments[$0] == .some(nil) })
            if let status = machine.provisioned {
                #expect(status.available <= status.allocated && status.allocated <= status.wanted)
                #expect((status.state == .ready) == (status.available == status.wanted))
            }
            // Nobody waits while an environment is idle, but for a new one.
            let isIdle = environments.contains {
                $0.value == nil && ending[$0.key] == nil && !starting.contains($0.key)
            }
            #expect(!isIdle || order.first.map(cold.contains) ?? true)
        }

        /// Invocations leave the queue in the order in which they came.
        mutating func take(_ ticket: Ticket, isInOrder: Bool = true) {
            if isInOrder { #expect(order.first == ticket) }
            order.removeAll { $0 == ticket }
        }

        mutating func answer(_ ticket: Ticket) { #expect(unanswered.remove(ticket) != nil) }

        /// No period has more than so many.
        func expectRate(_ instants: [Instant], _ count: Int, per period: Duration) {
            // A full bucket, and what it got since: a window of one period may have twice that.
            for (index, instant) in instants.enumerated() where index >= 2 * count {
                #expect(instant - instants[index - 2 * count] >= period)
            }
        }
    }

    @Test(
        "every invocation ends once, no environment has two, and there are never too many",
        arguments: 0..<300 as Range<Int>
    )
    func model(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let concurrency = Int.random(in: 1...4, using: &random)
        var limits = PoolStateMachine.Limits(
            concurrency: concurrency,
            queue: Int.random(in: 0...5, using: &random),
            keepAlive: .milliseconds(20)
        )
        if seed % 2 == 1 { limits.provisioned = Int.random(in: 0...concurrency, using: &random) }
        if seed % 3 == 1 {
            let options: [String: Double] = ["bin": 0.01, "range": 0.5, "minimum": 3]
            limits.policy = KeepAliveChoice(policy: "histogram", options: options)
        }
        if seed % 5 == 1 { limits.scaling = ScalingRate(environments: 2, period: .milliseconds(100)) }
        if seed % 7 == 1 { limits.requestsPerSecond = 50 }
        var world = World(limits: limits)
        world.perform(world.machine.tend(now: world.now) { _ in true })
        for _ in 0..<300 { step(&world, random: &random) }
        world.expectRate(world.starts, limits.scaling.environments, per: limits.scaling.period)
        if let rate = limits.requestsPerSecond { world.expectRate(world.arrivals, rate, per: .seconds(1)) }
        world.perform(world.machine.close(.shuttingDown, retiring: .shutdown))
        #expect(world.machine.nextDue == nil)
        for _ in 0..<100 where !world.machine.isEmpty { step(&world, random: &random, arrivals: false) }
        while let slot = world.environments.keys.min(by: { $0.rawValue < $1.rawValue }) { end(slot, in: &world, .exit) }
        #expect(world.machine.isEmpty)
        #expect(world.unanswered.isEmpty)
    }

    @Test("what is due is done at once, and leaves nothing due", arguments: 0..<100 as Range<Int>)
    func due(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var limits = PoolStateMachine.Limits(concurrency: 3, queue: 3, keepAlive: .milliseconds(20))
        limits.provisioned = seed % 3
        limits.scaling = ScalingRate(environments: 2, period: .milliseconds(50))
        limits.policy = KeepAliveChoice(policy: "histogram", options: ["bin": 0.01, "range": 0.5, "minimum": 3])
        var world = World(limits: limits)
        for _ in 0..<200 {
            step(&world, random: &random)
            guard let due = world.machine.nextDue else { continue }
            world.now = max(world.now, due)
            world.perform(world.machine.tend(now: world.now) { _ in true })
            // Else the alarm would ring for ever.
            #expect(world.machine.nextDue.map { $0 > world.now } ?? true)
        }
    }

    private func step(_ world: inout World, random: inout SeededGenerator, arrivals: Bool = true) {
        world.now = world.now + .milliseconds(Int.random(in: 0...10, using: &random))
        let isStale = Int.random(in: 0..<10, using: &random) == 0
        let fresh: (Slot) -> Bool = { _ in !isStale }
        let slots = world.environments.keys.sorted { $0.rawValue < $1.rawValue }
        switch Int.random(in: 0..<13, using: &random) {
        case 0...4 where arrivals:
            let ticket = Ticket(rawValue: world.nextTicket)
            world.nextTicket += 1
            world.unanswered.insert(ticket)
            world.order.append(ticket)
            let isCold = Int.random(in: 0..<5, using: &random) == 0
            if isCold { world.cold.insert(ticket) }
            let actions = world.machine.arrive(ticket, isCold: isCold, now: world.now, isFresh: fresh)
            if actions != [.reject(ticket, .requestRate)] { world.arrivals.append(world.now) }
            world.perform(actions)
        case 5...7:
            guard let slot = slots.filter({ world.ending[$0] == nil }).randomElement(using: &random) else { return }
            if world.starting.contains(slot) {
                if world.environments[slot] == .some(nil) { world.starting.remove(slot) }
                world.perform(world.machine.ready(slot, now: world.now, isFresh: fresh))
            } else if let ticket = world.environments[slot] ?? nil {
                world.answer(ticket)
                world.environments[slot] = .some(nil)
                world.perform(world.machine.finished(slot, now: world.now, isFresh: fresh))
            }
        case 8:
            world.perform(world.machine.tend(now: world.now, isFresh: fresh))
        case 9:
            guard let slot = world.ending.keys.min(by: { $0.rawValue < $1.rawValue }) else { return }
            end(slot, in: &world, world.ending[slot] ?? nil)
        case 10:
            guard let slot = slots.filter({ world.ending[$0] == nil }).randomElement(using: &random) else { return }
            if Bool.random(using: &random) {
                world.machine.ending(slot)
                world.ending[slot] = .some(.timeout)
                world.starting.remove(slot)
                if let ticket = world.environments[slot] ?? nil {
                    world.answer(ticket)
                    world.environments[slot] = .some(nil)
                }
            } else {
                end(slot, in: &world, world.starting.contains(slot) ? .initFailure : .exit)
            }
        case 11 where Int.random(in: 0..<5, using: &random) == 0:
            world.perform(world.machine.replace(limits: world.limits, now: world.now, isFresh: fresh))
        case 12 where world.limits.provisioned > 0:
            world.perform(world.machine.renew(now: world.now, isFresh: fresh))
        default: break
        }
    }

    private func end(_ slot: Slot, in world: inout World, _ cause: ColdStartCause?) {
        if let ticket = world.environments[slot] ?? nil { world.answer(ticket) }
        world.environments[slot] = nil
        world.starting.remove(slot)
        world.ending[slot] = nil
        world.perform(world.machine.ended(slot, cause: cause, now: world.now) { _ in true })
    }
}

/// SplitMix64: the same numbers for the same seed, so that a failure can be had again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
