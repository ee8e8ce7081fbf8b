import LoopModel

extension Story {
    /// Threads or processes of one line that these invocations have left.
    mutating func leave(
        _ kind: LoopEvent.Kind,
        _ flags: LoopEvent.Flags = [],
        of name: String,
        at line: CodeSite,
        since ordinals: [Int],
        value: Int64,
        on loop: LoopSerial? = nil,
        waiting: CodeSite? = nil
    ) {
        var related: [(role: RelatedSite.Role, ordinal: Int?, line: CodeSite)] = ordinals.map {
            (RelatedSite.Role(rawValue: "started"), $0, line)
        }
        if let waiting { related.append((.waited, ordinals.last, waiting)) }
        observe(kind, flags, on: loop, at: line, detail: name, value: value, related: related)
    }

    /// Descriptors that pile up since an invocation.
    mutating func grow(
        _ kind: String = "files",
        to count: Int64,
        _ flags: LoopEvent.Flags = [],
        at line: CodeSite,
        since ordinal: Int
    ) {
        observe(
            .descriptors,
            flags,
            at: line,
            detail: kind,
            value: count,
            related: [(RelatedSite.Role(rawValue: "grew"), ordinal, line)]
        )
    }
}

extension Life {
    static let leakedThread = Life("a thread in each invocation that waits for ever") { story in
        for ordinal in 0..<6 {
            story.invocation {
                guard ordinal > 1 else { return }
                $0.leave(
                    .threadLeft,
                    .isDaemon,
                    of: "report",
                    at: line(19, in: "send"),
                    since: Array(0...ordinal).suffix(4),
                    value: Int64(ordinal + 1),
                    waiting: line(12, in: "report")
                )
            }
        }
    }

    static let leakedPool = Life("a thread pool in each invocation that is kept") { story in
        for ordinal in 0..<3 {
            story.invocation {
                guard ordinal == 2 else { return }
                $0.leave(
                    .threadLeft,
                    .ofExecutor,
                    of: "ThreadPoolExecutor",
                    at: line(9),
                    since: [0, 1, 2],
                    value: 3
                )
            }
        }
    }

    static let leakedChild = Life("a program that runs on in each invocation") { story in
        for ordinal in 0..<3 {
            story.invocation {
                guard ordinal > 0 else { return }
                $0.leave(.childLeft, of: "sleep", at: line(7), since: Array(0...ordinal), value: 4711)
            }
        }
    }

    static let orphan = Life("a program whose loop is closed while it runs") { story in
        story.invocation {
            let loop = $0.create(at: line(20, via: runners), .byRunner)
            $0.begin(loop, at: line(20, via: runners))
            $0.close(loop, at: line(20, via: runners), .byRunner)
            $0.leave(.childLeft, .loopIsGone, of: "sleep", at: line(7), since: [0], value: 4711, on: loop)
        }
    }

    static let growth = Life("a file in each invocation that is kept open") { story in
        for ordinal in 0..<6 {
            story.invocation {
                if ordinal > 3 { $0.grow(to: Int64(8 + 2 * ordinal), at: line(9, in: "journal"), since: 1) }
            }
        }
    }

    static let unclosed = Life("a connection in each invocation that nobody closes") { story in
        for _ in 0..<2 {
            story.invocation {
                let loop = $0.create(at: line(20, via: runners), .byRunner)
                $0.begin(loop, at: line(20, via: runners))
                $0.close(loop, at: line(20, via: runners), .byRunner)
                for _ in 0..<2 {
                    $0.observe(
                        .resourceUnclosed,
                        on: loop,
                        at: line(6, in: "ask", via: library),
                        detail: "connection",
                        related: [(.created, 0, line(6, in: "ask", via: library))]
                    )
                }
            }
        }
    }

    static let signalInThread = Life("a signal handler in a thread") { story in
        story.invocation {
            $0.thread = 2
            $0.observe(.signalOffMain, at: line(6, in: "serve"), detail: "signal.signal()")
            $0.thread = 1
        }
    }

    static let crossThread = Life("a future whose result another thread sets") { story in
        story.invocation {
            let loop = $0.create(at: line(14, via: runners), .byRunner)
            $0.begin(loop, at: line(14, via: runners))
            $0.thread = 2
            $0.observe(.crossThreadCall, on: loop, at: line(8, in: "finish"), detail: "set_result")
            $0.observe(.crossThreadCall, on: loop, at: line(8, in: "finish"), detail: "call_soon")
            $0.thread = 1
        }
    }

    static let stopFromThread = Life("a loop that another thread stops") { story in
        story.invocation {
            let loop = $0.create(at: line(14))
            $0.begin(loop, at: line(15))
            $0.thread = 2
            $0.stop(loop, at: line(9, in: "end"))
            $0.thread = 1
            $0.close(loop, at: line(17))
        }
    }

    static let windows = Life("a signal handler on a loop") { story in
        story.invocation { $0.observe(.notOnWindows, at: line(7), detail: "loop.add_signal_handler()") }
    }

    static let leftovers = [
        leakedThread, leakedPool, leakedChild, orphan, growth, unclosed, signalInThread, crossThread, stopFromThread,
        windows,
    ]

    /// What looks like something left, and is not, or is told by another rule.
    static let cleanLeftovers = [
        Life("a library that tries to set a signal handler and does without") { story in
            story.invocation {
                $0.thread = 2
                $0.observe(.signalOffMain, at: line(6, via: library), detail: "signal.signal()")
                $0.thread = 1
            }
        },
        Life("a loop stopped in its own thread, by a callback") { story in
            for _ in 0..<2 {
                story.invocation {
                    let loop = $0.create(at: line(14))
                    $0.begin(loop, at: line(15))
                    $0.stop(loop, at: line(9, in: "end"))
                    $0.close(loop, at: line(17))
                }
            }
        },
        Life("a loop in a service thread that call_soon_threadsafe stops") { story in
            story.invocation {
                let loop = $0.create(at: line(14))
                $0.thread = 2
                $0.begin(loop, at: line(15, in: "serve"))
                $0.stop(loop)
                $0.thread = 1
                $0.close(loop, at: line(17))
            }
        },
        Life("descriptors, no more than when the handler was loaded") { story in
            for _ in 0..<6 { story.invocation { $0.grow(to: 8, at: line(9), since: 1) } }
        },
    ]
}
