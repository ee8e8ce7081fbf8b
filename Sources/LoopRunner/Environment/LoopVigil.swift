internal import LoopModel
internal import LoopOS

/// Judges, sample by sample, whether the thread that runs an invocation has ceased to turn its event loop.
///
/// A value without I/O: what the thread does is told from outside, and what is to be asked of the process comes back as
/// a ``Step``. A thread that sleeps in a system call other than that in which loops idle is blocked, whoever it waits
/// for. One that computes may be turning its loop all the same, many times between two samples; so it is asked to say
/// when its loop has turned, and counts as blocked only while that answer is outstanding.
///
/// Time in which the thread was stopped, or was ready to run with no CPU free, is not counted.
struct LoopVigil {
    /// What to do about a sample.
    enum Step: Hashable {
        case nothing
        /// Ask the loop to say when it has turned.
        case askForTurn
        /// Ask for the stack.
        case askForStack
    }

    struct Sample: Hashable {
        var at: Instant
        var activity: ThreadActivity
        /// nil where the kernel does not count.
        var times: ThreadTimes?
    }

    /// How long a loop must stand still to be told of.
    let threshold: Duration
    /// What has been confirmed so far, in order.
    private(set) var standstills: [Standstill] = []
    private var streak: Streak?
    private var refutations = 0
    private var questions = 0

    init(threshold: Duration) { self.threshold = threshold }

    /// The most stacks that are asked for in one invocation.
    private static let mostQuestions = 8
    /// Samples further apart than this are no streak: this process itself was stopped, or starved.
    private static let widestGap = Duration.milliseconds(250)
    /// The fewest samples of a streak that say something.
    private static let fewestSamples = 4
    /// How long a thread must compute before its loop is first asked whether it turns.
    private static let patience = Duration.milliseconds(75)
    /// A thread that waits for CPython's global lock looks after it every 5 ms; one that waits for another lock sleeps.
    private static let mostSlicesOfSleeper: Int64 = 100

    // MARK: What is told

    mutating func note(_ sample: Sample) -> Step {
        switch sample.activity {
        case .idle, .stopped:
            endStreak()
            return .nothing
        case .running, .waiting: break
        }
        if let last = streak?.last.at, sample.at - last > Self.widestGap { endStreak() }
        if streak == nil { streak = Streak(from: sample) } else { streak?.add(sample) }
        return step
    }

    /// A turn was asked for; what the thread computes from here on is a standstill until ``turned()``.
    mutating func askedForTurn() {
        guard let last = streak?.last else { return }
        streak?.asked = last
    }

    /// The loop has turned since it was asked to say so.
    mutating func turned() {
        guard streak?.asked != nil, streak?.stage != .confirmed else { return }
        refutations += 1
        restart()
    }

    /// What came before this instant does not count: no loop was running.
    mutating func restart() {
        guard let last = streak?.last else { return }
        streak = Streak(from: last)
    }

    /// The stack was asked for.
    mutating func askedForStack() {
        questions += 1
        streak?.stage = .questioned
    }

    /// The stack told that it is no standstill, or did not come.
    mutating func dismiss() { if streak?.stage == .questioned { streak?.stage = .dismissed } }

    /// The stack told where the loop stands still.
    mutating func confirm(_ stack: BlockedStack) {
        guard let streak, streak.stage == .questioned else { return }
        self.streak?.stage = .confirmed
        let begin = streak.isWaiting ? streak.first : streak.asked ?? streak.first
        standstills.append(
            Standstill(
                stack: stack,
                begin: begin.at,
                seen: streak.last.at,
                end: streak.last.at,
                wait: streak.wait,
                starved: streak.starved(since: begin)
            )
        )
    }

    /// The invocation is over; where it was cut off while the loop stood still, it stood still until then.
    mutating func finish(cutOffAt instant: Instant?) {
        if let instant, let last = streak?.last, instant - last.at <= Self.widestGap, streak?.stage == .confirmed,
            let index = standstills.indices.last
        {
            standstills[index].end = max(instant, last.at)
            streak = nil
        }
        endStreak()
    }

    private mutating func endStreak() {
        guard let ended = streak else { return }
        streak = nil
        if ended.stage == .confirmed, let index = standstills.indices.last { standstills[index].end = ended.last.at }
    }

    // MARK: What comes of it

    /// When the turn that is outstanding was asked for.
    var turnAskedAt: Instant? { streak?.asked?.at }

    /// When the streak under way has begun.
    var begin: Instant? { streak?.first.at }

    private var step: Step {
        guard let streak, streak.stage == .watched, questions < Self.mostQuestions,
            streak.count >= Self.fewestSamples, !streak.waitsForGlobalLock(Self.mostSlicesOfSleeper)
        else { return .nothing }
        if streak.isWaiting { return streak.counted(since: streak.first) >= threshold ? .askForStack : .nothing }
        if let asked = streak.asked { return streak.counted(since: asked) >= threshold ? .askForStack : .nothing }
        // A loop that has been busy and alive so far is asked less and less often.
        let patience = min(Self.patience, threshold) * (1 << min(refutations, 6))
        return streak.counted(since: streak.first) >= patience ? .askForTurn : .nothing
    }
}

/// A time in which a loop did not turn.
struct Standstill: Hashable {
    var stack: BlockedStack
    var begin: Instant
    /// When the stack was asked for.
    var seen: Instant
    /// The last sample of it.
    var end: Instant
    /// What the thread slept for; nil: it computed.
    var wait: ThreadActivity.Wait?
    /// How long of it no CPU was free.
    var starved: Duration
}

/// Samples in a row of a thread that was never seen to idle.
private struct Streak {
    enum Stage {
        case watched
        /// Its stack was asked for.
        case questioned
        case dismissed
        case confirmed
    }

    let first: LoopVigil.Sample
    private(set) var last: LoopVigil.Sample
    private(set) var count = 0
    private var waits: [ThreadActivity.Wait: Int] = [:]
    var stage = Stage.watched
    /// The sample after which a turn was asked for.
    var asked: LoopVigil.Sample?

    init(from sample: LoopVigil.Sample) {
        (first, last) = (sample, sample)
        add(sample)
    }

    mutating func add(_ sample: LoopVigil.Sample) {
        last = sample
        count += 1
        if case .waiting(let wait) = sample.activity { waits[wait, default: 0] += 1 }
    }

    /// Whether it slept through most of it.
    var isWaiting: Bool { waits.values.reduce(0, +) * 10 >= count * 6 }

    /// What it slept for most; nil where it computed.
    var wait: ThreadActivity.Wait? {
        guard isWaiting else { return nil }
        return waits.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }?.key
    }

    /// Whether another thread of the process computes and this one only waits for its turn.
    func waitsForGlobalLock(_ mostSlices: Int64) -> Bool {
        guard waits[.lock, default: 0] * 10 >= count * 4, let before = first.times, let after = last.times else {
            return false
        }
        let elapsed = max((last.at - first.at).nanoseconds, 1)
        return (after.slices - before.slices) * 1_000_000_000 / elapsed > mostSlices
    }

    /// How long no CPU was free.
    func starved(since sample: LoopVigil.Sample) -> Duration {
        guard let before = sample.times, let after = last.times else { return .zero }
        return .nanoseconds(max(after.starved - before.starved, 0))
    }

    /// How long it took, without what was no doing of the thread's own.
    ///
    /// The kernel counts a wait for a CPU only once it is over, and on a busy machine the one under way takes hundreds of
    /// milliseconds; so it cannot have been more than what the thread has run and, as far as was seen, slept.
    func counted(since sample: LoopVigil.Sample) -> Duration {
        let elapsed = last.at - sample.at
        guard let before = sample.times, let after = last.times else { return elapsed }
        let slept = elapsed * waits.values.reduce(0, +) / max(count, 1)
        return min(elapsed - starved(since: sample), .nanoseconds(max(after.ran - before.ran, 0)) + slept)
    }
}
