import LoopModel

extension Life {
    /// Lives whose loop is held up, waits for itself, or waits too long.
    static let blocked: [Life] = [blockedCalls, ownLoopWaits, endlessWait, awaitsInTurn]

    /// A line of a library and two of the user's hold up the loop.
    static let blockedCalls = Life("calls that block the loop") { story in
        story.invocation {
            let loop = $0.create(at: line(20, via: runners), .byRunner)
            $0.begin(loop, at: line(20, via: runners))
            $0.observe(
                .loopBlocked,
                on: loop,
                at: line(9, in: "fetch", via: requests),
                detail: "readiness",
                value: 812_000_000,
                related: [
                    (.called, 0, CodeSite(line: requests, isUserCode: false)), (.caller, 0, line(15, in: "work")),
                ]
            )
            $0.observe(.loopBlocked, on: loop, at: line(11, in: "pause"), detail: "time", value: 300_000_000)
            $0.observe(.loopBlocked, on: loop, at: line(11, in: "pause"), detail: "time", value: 400_000_000)
        }
        story.invocation(.timeout) {
            $0.observe(.loopBlocked, .starved, at: line(13, in: "seal"), detail: "computing", value: 2_512_000_000)
        }
    }

    /// The same wait is also seen from outside.
    static let ownLoopWaits = Life("waits for the own loop") { story in
        story.invocation {
            let loop = $0.create(at: line(20, via: runners), .byRunner)
            $0.begin(loop, at: line(20, via: runners))
            $0.observe(
                .ownLoopWait,
                on: loop,
                at: line(9, in: "lookup_sync"),
                detail: "Future.result()",
                related: [(.created, 0, line(8, in: "lookup_sync"))]
            )
            $0.observe(.loopBlocked, on: loop, at: line(9, in: "lookup_sync"), detail: "lock", value: 900_000_000)
        }
    }

    /// Two tasks wait for answers, the third for both of them, a fourth by itself.
    static let endlessWait = Life("an await that outlives the limit") { story in
        story.invocation(.timeout) {
            let loop = $0.create(at: line(30, via: runners), .byRunner)
            $0.begin(loop, at: line(30, via: runners))
            $0.observe(.awaitPending, .waitsForTasks, on: loop, at: line(20, in: "work"), detail: "work")
            $0.observe(.awaitPending, on: loop, at: line(12, in: "fetch", via: library), detail: "fetch")
            $0.observe(.awaitPending, on: loop, at: line(9, in: "push"), detail: "push")
            $0.observe(.awaitPending, on: loop, at: line(12, in: "fetch", via: library), detail: "fetch")
            $0.observe(.awaitPending, .inBackground, on: loop, at: line(5, in: "beat"), detail: "beat")
        }
        story.shutdown()
    }

    /// Advice from the source of what was loaded.
    static let awaitsInTurn = Life("independent awaits one after the other") { story in
        story.observe(
            .sequentialAwaits,
            at: line(7, in: "work"),
            detail: "work",
            related: [(.waited, nil, line(6, in: "work"))]
        )
        for _ in 0..<2 { story.invocation { $0.asyncioRun(at: line(12, via: runners)) } }
    }

    static let requests = CodeLine(
        file: "/opt/venv/lib/python3.11/site-packages/requests/api.py",
        line: 59,
        function: "request"
    )
}
