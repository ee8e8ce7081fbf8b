import LoopModel

extension Story {
    /// The environment is frozen for a while, after what is alive was told.
    mutating func freeze(
        _ flags: LoopEvent.Flags = [],
        for time: Duration = .seconds(12),
        alive: (inout Story) -> Void = { _ in }
    ) {
        alive(&self)
        observe(.frozen, flags, detail: "SIGSTOP", value: 1)
        observe(.thawed, flags, detail: "SIGSTOP", value: time.nanoseconds)
    }

    /// What the probe tells of a task before a freeze and afterwards.
    mutating func frozenTask(
        _ kind: LoopEvent.Kind,
        _ flags: LoopEvent.Flags = [],
        _ number: Int64 = 1,
        on loop: LoopSerial,
        at waits: Int,
        left: Int? = nil,
        raised: Int? = nil
    ) {
        let lines: [(role: RelatedSite.Role, ordinal: Int?, line: CodeSite?)] = [
            (RelatedSite.Role(rawValue: "defined"), 0, line(5, in: "audit")),
            (RelatedSite.Role(rawValue: "left"), left, left.map { _ in line(6, in: "audit") }),
            (RelatedSite.Role(rawValue: "raised"), stretches.count, raised.map { line($0, in: "audit") }),
        ]
        observe(
            kind,
            flags,
            on: loop,
            at: line(waits, in: "audit"),
            detail: "audit",
            value: number,
            related: lines.compactMap { role, ordinal, line in line.map { (role, ordinal, $0) } }
        )
    }
}

extension Life {
    static let stalledTask = Life("a task that a freeze interrupts and a later invocation finishes") { story in
        var loop = LoopSerial(rawValue: 0)
        story.invocation {
            loop = $0.create(at: line(12))
            $0.run(loop, at: line(13))
            $0.frozenTask(.taskUnfinished, .leftFrozen, on: loop, at: 6)
        }
        story.freeze { $0.frozenTask(.taskFrozen, .isForgotten, on: loop, at: 6) }
        story.invocation {
            $0.begin(loop, at: line(13))
            $0.observe(.timerLate, on: loop, at: line(6, in: "audit"), detail: "audit", value: 11_500_000_000)
            $0.frozenTask(.taskThawed, .wasOverdue, on: loop, at: 8, left: 0)
            $0.frozenTask(.taskResumed, on: loop, at: 6, left: 0)
            $0.frozenTask(.taskThawed, .hasEnded, on: loop, at: 6, left: 0)
        }
    }

    static let stalledPile = Life("a task that two freezes interrupt, and another one beside it") { story in
        var loop = LoopSerial(rawValue: 0)
        story.invocation {
            loop = $0.create(at: line(12))
            $0.run(loop, at: line(13))
            $0.frozenTask(.taskUnfinished, .leftFrozen, on: loop, at: 6)
        }
        for _ in 0..<2 {
            story.freeze { $0.frozenTask(.taskFrozen, .isForgotten, on: loop, at: 6) }
            story.invocation { $0.frozenTask(.taskThawed, on: loop, at: 6, left: 0) }
        }
        story.invocation { $0.frozenTask(.taskUnfinished, [.leftFrozen, .leftBefore], 2, on: loop, at: 6) }
    }

    static let stalledTimeout = Life("a task whose timeout runs out while it is frozen") { story in
        var loop = LoopSerial(rawValue: 0)
        story.invocation {
            loop = $0.create(at: line(12))
            $0.run(loop, at: line(13))
            $0.frozenTask(.taskUnfinished, .leftFrozen, on: loop, at: 6)
        }
        story.freeze { $0.frozenTask(.taskFrozen, .isForgotten, on: loop, at: 6) }
        story.invocation {
            $0.observe(.timerLate, on: loop, at: line(6, in: "audit"), detail: "audit", value: 11_500_000_000)
            $0.frozenTask(
                .taskThawed,
                [.hasEnded, .hasFailed, .wasOverdue, .isUnnoticed],
                on: loop,
                at: 6,
                left: 0,
                raised: 7
            )
        }
    }

    static let frozenInPeace = Life("freezes of an environment in which nothing is alive") { story in
        for _ in 0..<3 {
            story.invocation { $0.asyncioRun(at: line(9)) }
            story.freeze()
        }
    }

    static let frozenService = Life("a service for the environment that stands still in every freeze") { story in
        var loop = LoopSerial(rawValue: 0)
        story.invocation {
            loop = $0.create(at: line(12))
            $0.set(loop, at: line(12))
            $0.run(loop, at: line(13))
            $0.frozenTask(.taskUnfinished, .leftFrozen, on: loop, at: 6)
        }
        for _ in 0..<3 {
            story.freeze { $0.frozenTask(.taskFrozen, .isForgotten, on: loop, at: 6) }
            story.invocation {
                $0.run(loop, at: line(13))
                $0.observe(.timerLate, on: loop, at: line(6, in: "audit"), detail: "audit", value: 11_500_000_000)
                $0.frozenTask(.taskThawed, .wasOverdue, on: loop, at: 6, left: 0)
            }
        }
        // It is meant to be begun anew: somebody looks at its end.
        story.freeze { $0.frozenTask(.taskFrozen, .isForgotten, on: loop, at: 6) }
        story.invocation { $0.frozenTask(.taskThawed, [.hasEnded, .hasFailed], on: loop, at: 6, left: 0) }
    }

    static let brokenFreezes = [stalledTask, stalledPile, stalledTimeout]
    static let cleanFreezes = [frozenInPeace, frozenService]
}
