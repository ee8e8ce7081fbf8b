import LoopModel

extension Life {
    /// Loops that are ended by who must not, and what outlives its loop.
    static let endings: [Life] = [refusedClose, hostsLoopClosed, librarysLoopClosed, shutPool, openGenerator]

    static let refusedClose = Life("a loop that its own coroutine closes") { story in
        story.invocation {
            let loop = $0.create(at: line(9))
            $0.begin(loop, at: line(10))
            $0.observe(.closeRefused, on: loop, at: line(5, in: "work"))
            $0.openAtEnd(loop, .ranInInvocation)
        }
    }

    static let hostsLoopClosed = Life("the host's loop closed by the handler", Story(host: .perInvocation)) { story in
        for _ in 0..<2 {
            story.invocation {
                $0.hosted { story, loop in
                    story.run(loop, at: line(6))
                    story.close(loop, at: line(8))
                    story.slotLeftClosed(loop)
                }
            }
        }
    }

    static let librarysLoopClosed = Life("the loop that a library made while it was imported") { story in
        let made = CodeLine(file: library.file, line: 3, function: "<module>")
        let loop = story.create(at: line(2, in: "<module>", via: made), .implicit)
        story.set(loop, at: line(2, in: "<module>", via: made), .implicit)
        story.invocation {
            $0.run(loop, at: line(7))
            $0.close(loop, at: line(9))
            $0.slotLeftClosed(loop)
        }
    }

    static let shutPool = Life("a pool made at import and shut down by the first invocation") { story in
        story.invocation { _ in }
        story.invocation(.error) {
            $0.observe(
                .executorReused,
                at: line(8),
                detail: "concurrent.futures.thread.ThreadPoolExecutor",
                related: [(.created, nil, line(3, in: "<module>")), (.closed, 0, line(7))]
            )
        }
    }

    static let openGenerator = Life("a generator left in the middle") { story in
        story.invocation {
            let loop = $0.create(at: line(12))
            $0.run(loop, at: line(14))
            $0.close(loop, at: line(16))
            $0.observe(.asyncgenUnclosed, on: loop, at: line(5, in: "rows"), detail: "rows")
        }
    }
}
