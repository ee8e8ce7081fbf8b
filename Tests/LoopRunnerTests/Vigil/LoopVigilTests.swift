import LoopModel
import LoopOS
import Testing

@testable import LoopRunner

@Suite("The vigil over an invocation")
struct LoopVigilTests {
    /// Samples every 25 ms.
    private struct Scene {
        var vigil = LoopVigil(threshold: .milliseconds(250))
        var now: Int64 = 0
        var times = ThreadTimes(ran: 0, starved: 0, slices: 0)
        var steps: [LoopVigil.Step] = []
        /// When the loop says that it has turned; nil: it does not.
        var turns = false
        var isStarved = false
        static let stack = BlockedStack(
            site: CodeSite(line: CodeLine(file: "handler.py", line: 9, function: "work"), isUserCode: true),
            called: [],
            callers: []
        )

        init() {}

        mutating func see(_ activity: ThreadActivity, for milliseconds: Int64, slices: Int64 = 0) {
            for _ in 0..<(milliseconds / 25) {
                now += 25_000_000
                if activity == .running { times.ran += isStarved ? 5_000_000 : 25_000_000 }
                if isStarved { times.starved += 20_000_000 }
                times.slices += slices
                if turns, vigil.turnAskedAt != nil { vigil.turned() }
                let step = vigil.note(.init(at: Instant(nanoseconds: now), activity: activity, times: times))
                switch step {
                case .nothing: continue
                case .askForTurn: vigil.askedForTurn()
                case .askForStack:
                    vigil.askedForStack()
                    vigil.confirm(Self.stack)
                }
                steps.append(step)
            }
        }

        mutating func stillness(cutOff: Bool = false) -> [Duration] {
            vigil.finish(cutOffAt: cutOff ? Instant(nanoseconds: now + 10_000_000) : nil)
            return vigil.standstills.map { $0.end - $0.begin }
        }
    }

    @Test("sees a thread that sleeps where loops do not idle", arguments: ThreadActivity.Wait.allCases)
    func waiting(_ wait: ThreadActivity.Wait) {
        var scene = Scene()
        scene.see(.idle, for: 200)
        scene.see(.waiting(wait), for: 500)
        scene.see(.idle, for: 200)
        #expect(scene.steps == [.askForStack])
        #expect(scene.stillness() == [.milliseconds(475)])
        #expect(scene.vigil.standstills[0].wait == wait)
    }

    @Test("is content with shorter waits, however many")
    func short() {
        var scene = Scene()
        for _ in 0..<20 {
            scene.see(.waiting(.data), for: 225)
            scene.see(.idle, for: 25)
        }
        #expect(scene.steps == [] && scene.stillness() == [])
    }

    @Test("asks a thread that computes whether its loop turns, and for its stack when it does not")
    func computing() {
        var scene = Scene()
        scene.see(.running, for: 1000)
        #expect(scene.steps == [.askForTurn, .askForStack])
        let stillness = scene.stillness(cutOff: true)
        #expect(stillness.count == 1 && stillness[0] > .milliseconds(850))
        #expect(scene.vigil.standstills.first?.wait == nil)
    }

    @Test("believes a loop that is busy and turns, and asks it less and less often")
    func busy() {
        var scene = Scene()
        scene.turns = true
        scene.see(.running, for: 10_000)
        #expect(Set(scene.steps) == [.askForTurn])
        #expect(scene.steps.count < 12)
        #expect(scene.stillness() == [])
    }

    @Test("does not count time in which no CPU was free")
    func starved() {
        var scene = Scene()
        scene.isStarved = true
        scene.see(.running, for: 1000)
        #expect(!scene.steps.contains(.askForStack))
        scene.see(.running, for: 1000)
        #expect(scene.steps.contains(.askForStack))
        #expect(scene.stillness().count == 1)
        #expect(scene.vigil.standstills[0].starved > .milliseconds(500))
    }

    @Test("does not count a wait for a CPU that the kernel has not counted yet")
    func stillStarved() {
        var vigil = LoopVigil(threshold: .milliseconds(250))
        let times = ThreadTimes(ran: 5_000_000, starved: 0, slices: 1)
        for now in 1...100 {
            let at = Instant(nanoseconds: Int64(now) * 25_000_000)
            #expect(vigil.note(.init(at: at, activity: .running, times: times)) == .nothing)
        }
    }

    @Test("begins anew after the thread was stopped")
    func frozen() {
        var scene = Scene()
        scene.see(.waiting(.time), for: 200)
        scene.see(.stopped, for: 5000)
        scene.see(.waiting(.time), for: 200)
        #expect(scene.steps == [] && scene.stillness() == [])
    }

    @Test("begins anew when it was stopped itself")
    func gap() {
        var scene = Scene()
        scene.see(.waiting(.time), for: 200)
        scene.now += 3_000_000_000
        scene.see(.waiting(.time), for: 200)
        #expect(scene.steps == [] && scene.stillness() == [])
    }

    @Test("does not blame a thread that waits for the global lock")
    func globalLock() {
        var scene = Scene()
        for _ in 0..<40 {
            scene.see(.waiting(.lock), for: 50, slices: 5)
            scene.see(.running, for: 25, slices: 5)
        }
        #expect(scene.steps == [] && scene.stillness() == [])
    }

    @Test("forgets what was before a loop ran")
    func restart() {
        var scene = Scene()
        scene.see(.waiting(.data), for: 200)
        scene.vigil.restart()
        scene.see(.waiting(.data), for: 200)
        #expect(scene.steps == [])
        scene.see(.waiting(.data), for: 200)
        #expect(scene.stillness(cutOff: true) == [.milliseconds(410)])
    }

    @Test("tells nothing of what the stack explains, and asks no more than eight times")
    func dismissed() {
        var vigil = LoopVigil(threshold: .milliseconds(250))
        var questions = 0
        for now in 1...2000 {
            let activity: ThreadActivity = now % 40 == 0 ? .idle : .waiting(.readiness)
            let at = Instant(nanoseconds: Int64(now) * 25_000_000)
            guard vigil.note(.init(at: at, activity: activity, times: nil)) == .askForStack else { continue }
            questions += 1
            vigil.askedForStack()
            vigil.dismiss()
        }
        vigil.finish(cutOffAt: nil)
        #expect(questions == 8 && vigil.standstills == [])
    }
}
