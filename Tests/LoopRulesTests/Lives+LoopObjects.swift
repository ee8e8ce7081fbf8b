import LoopModel

extension Life {
    /// Objects that outlive the loop to which they belong.
    static let loopObjects: [Life] = [sharedQueue, foreignTask, keptClient]

    static let sharedQueue = Life("a queue made at import, on which the first invocation had to wait") { story in
        for ordinal in 0..<3 {
            story.invocation(ordinal == 1 ? .error : .ok) {
                let loop = $0.create(at: line(12, via: runners), .byRunner)
                $0.begin(loop, at: line(12, via: runners))
                if ordinal > 0 {
                    $0.observe(
                        .wrongLoop,
                        on: loop,
                        at: line(8, in: "work"),
                        detail: "asyncio.queues.Queue",
                        value: 1,
                        related: [
                            (.created, nil, line(3, in: "<module>")), (.bound, 0, line(8, in: "work")),
                        ]
                    )
                }
                $0.close(loop, at: line(12, via: runners), .byRunner)
            }
        }
    }

    static let foreignTask = Life("a task of a loop in another thread, awaited in the handler") { story in
        let service = story.create(at: line(4, in: "<module>"))
        story.thread = 2
        story.begin(service)
        story.thread = 1
        story.invocation(.error) {
            let loop = $0.create(at: line(20, via: runners), .byRunner)
            $0.begin(loop, at: line(20, via: runners))
            $0.observe(
                .wrongLoop,
                .isFuture,
                on: loop,
                at: line(15),
                detail: "_asyncio.Task",
                value: 1,
                related: [(.task, nil, line(7, in: "work"))]
            )
            $0.close(loop, at: line(20, via: runners), .byRunner)
        }
    }

    static let keptClient = Life("a client that keeps its first loop", Story(host: .perInvocation)) { story in
        for ordinal in 0..<2 {
            story.invocation {
                $0.hosted { story, loop in
                    guard ordinal == 1 else { return }
                    let site = line(9, via: library)
                    story.observe(.wrongLoop, .isClient, on: loop, at: site, detail: "httpcore.Pool", value: 1)
                }
            }
        }
    }
}
