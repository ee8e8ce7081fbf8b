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
        let concurrency: Int
        /// What each environment is doing: nil is idle.
        var environments: [Slot: Ticket?] = [:]
        var starting: Set<Slot> = []
        var ending: [Slot: ColdStartCause?] = [:]
        var unanswered: Set<Ticket> = []
        var order: [Ticket] = []
        var cold: Set<Ticket> = []
        var nextTicket = 0

        mutating func perform(_ actions: [PoolStateMachine.Action]) {
            for action in actions {
                switch action {
                case .start(let slot, let cause, let ticket):
                    #expect(environments[slot] == nil)
                    #expect(environments.count < concurrency)
                    #expect(cold.contains(ticket) == (cause == .requested))
                    take(ticket)
                    environments[slot] = ticket
                    starting.insert(slot)
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
                case .retire(let slot, _):
                    #expect(environments[slot] == .some(nil))
                    #expect(ending[slot] == nil)
                    ending[slot] = .some(nil)
                case .failFast(let ticket), .reject(let ticket, _):
                    take(ticket, isInOrder: false)
                    answer(ticket)
                }
                #expect(environments.count <= concurrency)
            }
        }

        /// Invocations leave the queue in the order in which they came.
        mutating func take(_ ticket: Ticket, isInOrder: Bool = true) {
            if isInOrder { #expect(order.first == ticket) }
            order.removeAll { $0 == ticket }
        }

        mutating func answer(_ ticket: Ticket) { #expect(unanswered.remove(ticket) != nil) }
    }

    @Test(
        "every invocation ends once, no environment has two, and there are never too many",
        arguments: 0..<200 as Range<Int>
    )
    func model(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let concurrency = Int.random(in: 1...4, using: &random)
        let limits = PoolStateMachine.Limits(
            concurrency: concurrency,
            queue: Int.random(in: 0...5, using: &random),
            keepAlive: .milliseconds(20)
        )
        var world = World(machine: PoolStateMachine(limits: limits), concurrency: concurrency)
        for _ in 0..<300 { step(&world, limits: limits, random: &random) }
        world.perform(world.machine.close(.shuttingDown, retiring: .shutdown))
        for _ in 0..<100 where !world.machine.isEmpty { step(&world, limits: limits, random: &random, arrivals: false) }
        while let slot = world.environments.keys.min(by: { $0.rawValue < $1.rawValue }) { end(slot, in: &world, .exit) }
        #expect(world.machine.isEmpty)
        #expect(world.unanswered.isEmpty)
    }

    private func step(
        _ world: inout World,
        limits: PoolStateMachine.Limits,
        random: inout SeededGenerator,
        arrivals: Bool = true
    ) {
        world.now = world.now + .milliseconds(Int.random(in: 0...10, using: &random))
        let isStale = Int.random(in: 0..<10, using: &random) == 0
        let fresh: (Slot) -> Bool = { _ in !isStale }
        let slots = world.environments.keys.sorted { $0.rawValue < $1.rawValue }
        switch Int.random(in: 0..<12, using: &random) {
        case 0...4 where arrivals:
            let ticket = Ticket(rawValue: world.nextTicket)
            world.nextTicket += 1
            world.unanswered.insert(ticket)
            world.order.append(ticket)
            let isCold = Int.random(in: 0..<5, using: &random) == 0
            if isCold { world.cold.insert(ticket) }
            world.perform(world.machine.arrive(ticket, isCold: isCold, now: world.now, isFresh: fresh))
        case 5...7:
            guard let slot = slots.filter({ world.ending[$0] == nil }).randomElement(using: &random) else { return }
            if world.starting.contains(slot) {
                world.perform(world.machine.ready(slot))
            } else if let ticket = world.environments[slot] ?? nil {
                world.answer(ticket)
                world.environments[slot] = .some(nil)
                world.perform(world.machine.finished(slot, now: world.now, isFresh: fresh))
            }
        case 8:
            world.perform(world.machine.reap(now: world.now))
        case 9:
            guard let slot = world.ending.keys.min(by: { $0.rawValue < $1.rawValue }) else { return }
            end(slot, in: &world, world.ending[slot] ?? nil)
        case 10:
            guard let slot = slots.filter({ world.ending[$0] == nil }).randomElement(using: &random) else { return }
            if Bool.random(using: &random) {
                world.machine.ending(slot)
                world.ending[slot] = .some(.timeout)
                if let ticket = world.environments[slot] ?? nil, !world.starting.contains(slot) {
                    world.answer(ticket)
                    world.environments[slot] = .some(nil)
                } else if let ticket = world.environments[slot] ?? nil {
                    world.starting.remove(slot)
                    world.answer(ticket)
                    world.environments[slot] = .some(nil)
                }
            } else {
                end(slot, in: &world, world.starting.contains(slot) ? .initFailure : .exit)
            }
        case 11 where Int.random(in: 0..<5, using: &random) == 0:
            world.perform(world.machine.replace(limits: limits, now: world.now, isFresh: fresh))
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
