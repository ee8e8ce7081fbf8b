internal import LoopModel
internal import LoopOS
internal import NIOCore

/// How far an environment is with being stopped between two invocations.
enum Freeze {
    /// Its worker was asked what is alive; it is stopped when that is told, or at the time when `limit` rings.
    case asked(limit: Scheduled<Void>)
    /// Its group was told to stand still; whether it does is looked at when `look` rings.
    case settling(ControlGroup, look: Scheduled<Void>)
    case stopped(FreezeSpan, FreezeHold)
}

/// What holds the processes of an environment, and has to be let go for them to go on.
enum FreezeHold {
    /// They have got SIGSTOP.
    case signals(Set<Int32>)
    /// The kernel holds all that is in the group, and what else comes into it.
    case group(ControlGroup, count: Int)

    /// How many are held.
    var count: Int {
        switch self {
        case .signals(let processes): processes.count
        case .group(_, let count): count
        }
    }

    var means: FreezeMeans {
        switch self {
        case .signals: .signal
        case .group: .controlGroup
        }
    }
}

extension FreezeSpan {
    /// The two events that stand for it in its environment's timeline; one where it is not over.
    func events(numberedBy next: () -> Int64) -> [LoopEvent] {
        func event(_ kind: LoopEvent.Kind, at instant: Instant, _ value: Int64) -> LoopEvent {
            LoopEvent(
                sequence: next(),
                at: instant,
                kind: kind,
                flags: isOnRequest ? .onRequest : [],
                phase: .between,
                detail: means.rawValue,
                value: value
            )
        }
        let begin = event(.frozen, at: frozen, Int64(processes))
        guard let thawed else { return [begin] }
        return [begin, event(.thawed, at: thawed, (thawed - frozen).nanoseconds)]
    }
}
