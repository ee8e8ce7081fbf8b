import LoopModel

extension Story {
    /// What the probe tells of a task: where its function is defined, and where it waits.
    mutating func task(
        _ kind: LoopEvent.Kind,
        _ flags: LoopEvent.Flags = [],
        on loop: LoopSerial? = nil,
        at waits: CodeSite,
        defined: CodeSite = line(5, in: "audit"),
        created: CodeSite? = nil,
        closed: CodeSite? = nil,
        left: (line: CodeSite, ordinal: Int)? = nil
    ) {
        let lines: [(role: RelatedSite.Role, ordinal: Int?, line: CodeSite?)] = [
            (.created, stretches.count, created), (RelatedSite.Role(rawValue: "defined"), stretches.count, defined),
            (.closed, stretches.count, closed), (RelatedSite.Role(rawValue: "left"), left?.ordinal, left?.line),
        ]
        observe(
            kind,
            flags,
            on: loop,
            at: waits,
            detail: "audit",
            value: 1,
            related: lines.compactMap { role, ordinal, line in line.map { (role, ordinal, $0) } }
        )
    }
}

extension Life {
    static let fireAndForget = Life("a task that asyncio.run() cancels") { story in
        for _ in 0..<3 {
            story.invocation {
                let loop = $0.create(at: line(14, via: runners), .byRunner)
                $0.run(loop, at: line(14, via: runners))
                $0.task(.taskUnfinished, .cancelledByRunner, on: loop, at: line(6, in: "audit"))
                $0.close(loop, at: line(14, via: runners), .byRunner)
            }
        }
    }

    static let frozenTask = Life("a task that each invocation leaves on a kept loop") { story in
        let loop = LoopSerial(rawValue: 1)
        for ordinal in 0..<3 {
            story.invocation {
                if ordinal == 0 { _ = $0.create(at: line(12)) }
                $0.run(loop, at: line(13))
                if ordinal > 0 {
                    $0.task(
                        .taskResumed,
                        on: loop,
                        at: line(6, in: "audit"),
                        left: (line(6, in: "audit"), ordinal - 1)
                    )
                }
                $0.task(
                    .taskUnfinished,
                    ordinal > 0 ? [.leftFrozen, .leftBefore] : .leftFrozen,
                    on: loop,
                    at: line(6, in: "audit")
                )
                $0.openAtEnd(loop, .ranInInvocation)
            }
        }
    }

    static let pendingTask = Life("a loop closed over a task") { story in
        for _ in 0..<2 {
            story.invocation {
                let loop = $0.create(at: line(12))
                $0.run(loop, at: line(13))
                $0.close(loop, at: line(14))
                $0.task(.taskLeftAtClose, on: loop, at: line(6, in: "audit"), closed: line(14))
                // Python complains of its coroutine as well, which has not begun.
                $0.task(.neverAwaited, at: line(5, in: "audit"))
            }
        }
    }

    static let neverAwaited = Life("an async function called without await") { story in
        for _ in 0..<2 {
            story.invocation {
                let loop = $0.create(at: line(14, via: runners), .byRunner)
                $0.begin(loop, at: line(14, via: runners))
                $0.task(.neverAwaited, .atCall, at: line(9, in: "work"))
                $0.task(.neverAwaited, at: line(3, in: "other"), defined: line(3, in: "other"))
                $0.close(loop, at: line(14, via: runners), .byRunner)
            }
        }
    }

    static let unretrieved = Life("a task fails unseen") { story in
        for _ in 0..<2 {
            story.invocation {
                $0.asyncioRun(at: line(14, via: runners))
                $0.observe(
                    .exceptionNeverRetrieved,
                    at: line(6, in: "audit"),
                    detail: "KeyError: id",
                    related: [(RelatedSite.Role(rawValue: "defined"), $0.stretches.count, line(5, in: "audit"))]
                )
            }
        }
    }

    static let swallowedCancel = Life("a task is deaf to its cancellation") { story in
        for _ in 0..<2 {
            story.invocation {
                let loop = $0.create(at: line(14, via: runners), .byRunner)
                $0.run(loop, at: line(14, via: runners))
                $0.task(.taskUnfinished, .cancelledByRunner, on: loop, at: line(7, in: "audit"))
                $0.task(.cancelSwallowed, on: loop, at: line(7, in: "audit"))
                $0.close(loop, at: line(14, via: runners), .byRunner)
            }
        }
    }

    static let escapedExit = Life("sys.exit() in the handler") { story in
        story.invocation { _ in }
        story.invocation(.crashed) { $0.observe(.exitEscaped, at: line(6), detail: "SystemExit") }
    }

    static let unrunTask = Life("a task on a loop that nobody runs") { story in
        for ordinal in 0..<2 {
            story.invocation {
                if ordinal == 0 { _ = $0.create(at: line(12), .implicit) }
                let loop = LoopSerial(rawValue: 1)
                $0.task(.taskUnfinished, .leftUnrun, on: loop, at: line(5, in: "audit"))
                $0.openAtEnd(loop)
            }
        }
    }

    static let brokenTasks = [
        fireAndForget, frozenTask, pendingTask, neverAwaited, unretrieved, swallowedCancel, escapedExit,
        reusedCoroutine,
        unrunTask,
    ]

    /// Tasks and coroutines that look forgotten and are not, or are another rule's.
    static let cleanTasks = [
        Life("a service on a kept loop, started by the first invocation") { story in
            let loop = LoopSerial(rawValue: 1)
            for ordinal in 0..<4 {
                story.invocation {
                    if ordinal == 0 { _ = $0.create(at: line(12)) }
                    $0.run(loop, at: line(13))
                    if ordinal == 0 { $0.task(.taskUnfinished, .leftFrozen, on: loop, at: line(6, in: "serve")) }
                    $0.openAtEnd(loop, .ranInInvocation)
                }
            }
        },
        Life("a service on the loop of another thread, sent there by the first invocation") { story in
            let loop = story.create(at: line(4, in: "<module>"))
            story.thread = 2
            story.begin(loop)
            story.thread = 1
            for ordinal in 0..<3 {
                story.invocation {
                    if ordinal == 0 { $0.task(.taskUnfinished, .leftInThread, on: loop, at: line(6, in: "serve")) }
                    $0.openAtEnd(loop, [.runningNow, .ranInInvocation])
                }
            }
        },
        Life("what is seen when the environment ends") { story in
            story.invocation { $0.asyncioRun(at: line(8, via: runners)) }
            story.shutdown {
                $0.task(.taskDestroyed, at: line(6, in: "audit"))
                $0.task(.neverAwaited, at: line(5, in: "audit"))
                $0.observe(.exceptionNeverRetrieved, at: line(6), detail: "KeyError: id")
            }
        },
    ]
}
