import LoopModel
import Testing

/// Whole lives of environments that several suites look at.
struct Life: Sendable, CustomTestStringConvertible {
    let name: String
    let story: Story

    var testDescription: String { name }

    init(_ name: String, _ story: Story, _ body: (inout Story) -> Void) {
        var story = story
        body(&story)
        (self.name, self.story) = (name, story)
    }

    init(_ name: String, _ body: (inout Story) -> Void) { self.init(name, Story(), body) }
}

extension Life {
    /// Right, or at least not wrong in any way that these rules speak of.
    static let clean: [Life] =
        [
            Life("asyncio.run in each invocation") { story in
                for _ in 0..<4 { story.invocation { $0.asyncioRun(at: line(8, via: runners)) } }
                story.shutdown()
            },
            Life("an async handler on the host's loop", Story(host: .perInvocation)) { story in
                for _ in 0..<4 { story.invocation { $0.hosted { $0.run($1) } } }
            },
            Life("asyncio.run at import") { story in
                story.asyncioRun(at: line(3, in: "<module>", via: runners))
                for _ in 0..<3 { story.invocation { $0.asyncioRun(at: line(8, via: runners)) } }
            },
            Life("a loop made, run and closed by hand") { story in
                for _ in 0..<3 {
                    story.invocation {
                        let loop = $0.create(at: line(5))
                        $0.run(loop, at: line(7))
                        $0.close(loop, at: line(9))
                    }
                }
            },
            Life("a loop made, set, run, taken out of the slot and closed by hand") { story in
                for _ in 0..<3 {
                    story.invocation {
                        let loop = $0.create(at: line(5))
                        $0.set(loop, at: line(6))
                        $0.run(loop, at: line(7))
                        $0.set(nil, at: line(8))
                        $0.close(loop, at: line(9))
                    }
                }
            },
            Life("one Runner kept at module level, made and run at import") { story in
                let loop = story.create(at: line(4, in: "<module>", via: runners), .byRunner)
                story.set(loop, at: line(4, in: "<module>", via: runners), .byRunner)
                story.run(loop, at: line(4, in: "<module>", via: runners))
                for _ in 0..<3 {
                    story.invocation {
                        $0.run(loop, at: line(9, via: runners))
                        $0.openAtEnd(loop, .ranInInvocation)
                    }
                }
            },
            Life("one Runner kept from the first invocation on, not used by every one") { story in
                var kept: LoopSerial?
                for ordinal in 0..<6 {
                    story.invocation {
                        let loop = kept ?? $0.create(at: line(9, via: runners), .byRunner)
                        kept = loop
                        if ordinal % 3 == 0 { $0.run(loop, at: line(9, via: runners)) }
                        $0.openAtEnd(loop, ordinal % 3 == 0 ? .ranInInvocation : .heldByGlobal)
                    }
                }
            },
            Life("one loop kept where the probe does not find it, not used by every invocation") { story in
                for ordinal in 0..<6 {
                    story.invocation {
                        let loop = ordinal == 0 ? $0.create(at: line(9)) : LoopSerial(rawValue: 1)
                        if ordinal % 5 == 0 { $0.run(loop, at: line(10)) }
                        $0.openAtEnd(loop, ordinal % 5 == 0 ? .ranInInvocation : [])
                    }
                }
            },
            Life("get_event_loop() and run_until_complete() in every invocation, warm-up calls between") { story in
                var kept: LoopSerial?
                for ordinal in 0..<6 {
                    story.invocation {
                        if [1, 2, 3].contains(ordinal) { return $0.openAtEnd(LoopSerial(rawValue: 1)) }
                        if kept == nil {
                            let loop = $0.create(at: line(9), .implicit)
                            $0.set(loop, at: line(9), .implicit)
                            kept = loop
                        }
                        $0.run(LoopSerial(rawValue: 1), at: line(9))
                        $0.openAtEnd(LoopSerial(rawValue: 1), .ranInInvocation)
                    }
                }
            },
            Life("a loop that runs for ever in a service thread, made at import") { story in
                let loop = story.create(at: line(4, in: "<module>"))
                story.thread = 2
                story.begin(loop)
                story.thread = 1
                for _ in 0..<4 { story.invocation { $0.openAtEnd(loop, [.runningNow, .ranInInvocation]) } }
                story.shutdown()
            },
            Life("a loop for a service thread, made at import, the thread started when first needed") { story in
                let loop = story.create(at: line(4, in: "<module>"))
                for ordinal in 0..<4 {
                    story.invocation {
                        if ordinal == 2 {
                            $0.thread = 2
                            $0.begin(loop)
                            $0.thread = 1
                        }
                        $0.openAtEnd(loop, ordinal < 2 ? .heldByGlobal : [.runningNow, .ranInInvocation])
                    }
                }
            },
            Life("a service thread's loop made by the first invocation") { story in
                var kept: LoopSerial?
                for _ in 0..<4 {
                    story.invocation {
                        let loop = kept ?? $0.create(at: line(12, in: "service_loop"))
                        if kept == nil {
                            $0.thread = 2
                            $0.begin(loop)
                            $0.thread = 1
                        }
                        kept = loop
                        $0.openAtEnd(loop, [.runningNow, .ranInInvocation])
                    }
                }
            },
            Life("two service threads, started by two invocations at one line") { story in
                var kept: [LoopSerial] = []
                for ordinal in 0..<5 {
                    story.invocation {
                        if ordinal < 2 {
                            let loop = $0.create(at: line(12, in: "service_loop"))
                            kept.append(loop)
                            $0.thread = UInt32(ordinal + 2)
                            $0.begin(loop)
                            $0.thread = 1
                        }
                        for loop in kept { $0.openAtEnd(loop, [.runningNow, .ranInInvocation]) }
                    }
                }
            },
            Life("work in a background thread that ends after the answer") { story in
                var running: LoopSerial?
                for ordinal in 0..<5 {
                    story.thread = UInt32(ordinal + 1)
                    if let loop = running { story.close(loop, at: line(20, in: "work", via: runners), .byRunner) }
                    story.thread = 1
                    story.invocation {
                        $0.thread = UInt32(ordinal + 2)
                        let loop = $0.create(at: line(20, in: "work", via: runners), .byRunner)
                        $0.begin(loop, at: line(20, in: "work", via: runners))
                        $0.thread = 1
                        $0.openAtEnd(loop, [.runningNow, .ranInInvocation])
                        running = loop
                    }
                }
            },
            Life("a loop for each thread of a growing pool on 3.8", Story(python: "3.8.18")) { story in
                var kept: [LoopSerial] = []
                for ordinal in 0..<6 {
                    story.invocation {
                        $0.thread = UInt32(ordinal / 2 + 2)
                        if ordinal % 2 == 0 {
                            let loop = $0.create(at: line(30, in: "loop_of_thread"))
                            $0.set(loop, at: line(31, in: "loop_of_thread"))
                            kept.append(loop)
                        }
                        $0.thread = 1
                        if ordinal == 5 { $0.run(kept[0]) }
                        for loop in kept { $0.openAtEnd(loop) }
                    }
                }
            },
            Life("get_event_loop() by hand in two threads, each with its own") { story in
                var kept: [LoopSerial] = []
                for ordinal in 0..<5 {
                    story.invocation {
                        $0.thread = ordinal == 0 ? 1 : 2
                        if ordinal < 2 {
                            let loop = $0.create(at: line(5, in: "current_loop"))
                            $0.set(loop, at: line(6, in: "current_loop"))
                            kept.append(loop)
                        }
                        $0.run(kept[ordinal == 0 ? 0 : 1])
                        $0.thread = 1
                        for (index, loop) in kept.enumerated() {
                            $0.openAtEnd(loop, index == (ordinal == 0 ? 0 : 1) ? .ranInInvocation : [])
                        }
                    }
                }
            },
            Life("a loop made at import by a library for itself") { story in
                let site = line(2, in: "<module>", via: library)
                let loop = story.create(at: site, .implicit)
                story.set(loop, at: site, .implicit)
                for _ in 0..<3 { story.invocation { $0.openAtEnd(loop, .heldByGlobal) } }
            },
            Life("a loop kept open until the interpreter ends") { story in
                var kept: LoopSerial?
                for _ in 0..<2 {
                    story.invocation {
                        let loop = kept ?? $0.create(at: line(9, via: runners), .byRunner)
                        kept = loop
                        $0.run(loop)
                        $0.openAtEnd(loop, .ranInInvocation)
                    }
                }
                story.shutdown { $0.collect(LoopSerial(rawValue: 1)) }
            },
            Life("a kept loop in an environment that a timeout ends") { story in
                for ordinal in 0..<2 {
                    story.invocation(ordinal == 1 ? .timeout : .ok) {
                        if ordinal == 0 {
                            let loop = $0.create(at: line(9))
                            $0.run(loop)
                            $0.openAtEnd(loop, .ranInInvocation)
                        } else {
                            _ = $0.create(at: line(9))
                        }
                    }
                }
                story.shutdown()
            },
            Life("nothing to do with loops") { story in
                for _ in 0..<3 { story.invocation(.error) { _ in } }
            },
        ] + cleanStarts + cleanTasks + cleanLeftovers + cleanFreezes

    /// The case from which the project was born.
    static let moduleLoop = Life("a module-level loop that the first invocation closes") { story in
        let loop = story.create(at: line(4, in: "<module>"))
        story.invocation {
            $0.run(loop, at: line(9))
            $0.close(loop, at: line(11))
        }
        story.invocation(.error) { $0.use(loop, "run_until_complete", at: line(9)) }
        story.invocation { $0.use(loop, "run_until_complete", at: line(9)) }
    }

    static let poisonedSlot = Life("get_event_loop() and close() in each invocation") { story in
        let loop = LoopSerial(rawValue: 1)
        for ordinal in 0..<3 {
            story.invocation(ordinal == 0 ? .ok : .error) {
                if ordinal == 0 {
                    _ = $0.create(at: line(5), .implicit)
                    $0.set(loop, at: line(5), .implicit)
                    $0.run(loop, at: line(7))
                    $0.close(loop, at: line(9))
                } else {
                    $0.use(loop, "run_until_complete", at: line(7))
                }
                $0.slotLeftClosed(loop)
            }
        }
    }

    static let leak = Life("a new loop in each invocation, never closed") { story in
        var left: [LoopSerial] = []
        for _ in 0..<3 {
            story.invocation {
                let loop = $0.create(at: line(6))
                $0.set(loop, at: line(7))
                $0.run(loop, at: line(8))
                for old in left { $0.openAtEnd(old) }
                $0.openAtEnd(loop, .ranInInvocation)
                left.append(loop)
            }
        }
    }

    static let broken =
        [moduleLoop, poisonedSlot, leak] + brokenStarts + loopObjects + brokenTasks + endings + blocked + leftovers
        + brokenFreezes
}
