import LoopModel

extension Story {
    /// An attempt to run a loop where `outer` runs, which was refused.
    mutating func refuse(
        _ called: String = "asyncio.run",
        _ inner: LoopSerial? = nil,
        inside outer: LoopSerial,
        at line: CodeSite,
        _ flags: LoopEvent.Flags = [],
        coroutine: CodeSite? = nil
    ) {
        observe(
            .nestedRun,
            flags,
            on: inner,
            at: line,
            detail: called,
            value: Int64(outer.rawValue),
            related: coroutine.map { [(RelatedSite.Role(rawValue: "coroutine"), stretches.count, $0)] } ?? []
        )
    }
}

extension Life {
    static let nestedRun = Life("asyncio.run() under an async handler", Story(host: .perInvocation)) { story in
        for ordinal in 0..<3 {
            story.invocation(ordinal == 1 ? .ok : .error) {
                $0.hosted { story, loop in
                    story.begin(loop)
                    let find = line(9, in: "find")
                    story.refuse(inside: loop, at: find, .mayRunOtherwise, coroutine: line(4, in: "lookup"))
                    story.refuse(inside: loop, at: find, .wasLost, coroutine: line(4, in: "lookup"))
                }
            }
        }
    }

    static let emptiedSlot = Life("get_event_loop() after asyncio.run()") { story in
        for _ in 0..<2 {
            story.invocation(.error) {
                $0.asyncioRun(at: line(8, via: runners))
                $0.observe(.noCurrentLoop, at: line(9))
                $0.observe(.noCurrentLoop, .hasEscaped, at: line(9))
            }
        }
    }

    static let noRunningLoop = Life("create_task() outside of coroutines") { story in
        for _ in 0..<2 {
            story.invocation(.error) {
                $0.observe(.noRunningLoop, at: line(9))
                $0.observe(.noRunningLoop, .hasEscaped, at: line(9))
            }
        }
    }

    static let misuses = Life("asyncio used in the wrong way") { story in
        story.observe(.deprecatedApi, at: line(1, in: "<module>"), detail: "set_event_loop_policy")
        story.observe(.nestAsyncio, at: line(2, in: "<module>"), detail: "nest_asyncio")
        story.invocation(.error) {
            let text = "'Lock' object does not support the context manager protocol"
            $0.observe(.asyncCmMisuse, at: line(7), detail: text)
            $0.observe(.asyncCmMisuse, .hasEscaped, at: line(7), detail: text)
        }
        story.invocation {
            $0.observe(.asyncCmMisuse, at: line(8), detail: "__aenter__")
            let text = "Attempted to exit cancel scope in a different task than it was entered in"
            $0.observe(.cancelScopeMisuse, at: line(12), detail: text)
        }
    }

    /// Where loops are started in ways that look wrong and are not.
    static let cleanStarts = [
        Life("asyncio.run() refused, and the same coroutine run in a thread", Story(host: .perInvocation)) { story in
            for _ in 0..<3 {
                story.invocation {
                    $0.hosted { story, loop in
                        story.begin(loop)
                        story.refuse(
                            inside: loop,
                            at: line(9),
                            .mayRunOtherwise,
                            coroutine: line(4, in: "lookup")
                        )
                        story.thread = 2
                        story.asyncioRun(at: line(12, via: runners))
                        story.thread = 1
                    }
                }
            }
        }
    ]

    static let brokenStarts = [nestedRun, emptiedSlot, noRunningLoop, misuses]
}
