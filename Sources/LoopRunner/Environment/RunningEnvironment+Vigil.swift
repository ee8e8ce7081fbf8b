internal import LoopModel
internal import LoopOS
internal import LoopWire

extension RunningEnvironment {
    /// Where the worker writes stacks that it is asked for.
    var stacks: String { "\(folder)/\(EnvironmentFolders.stacks)" }

    /// In bytes, what was written there so far.
    var stacksSize: Int { FileStamp(path: stacks).map { Int($0.size) } ?? 0 }

    private static let longestStack = 1 << 20

    /// Whether the descriptor that the worker writes stacks to is still that of the file: a handler may have closed it,
    /// and have got the same number for a file of its own.
    var keepsStacks: Bool {
        guard let process, let answering else { return false }
        return File.realPath("/proc/\(process.processID)/fd/\(answering.descriptor)") == File.realPath(stacks)
    }

    /// The last stack that was written beyond an offset; nil while it is not there as a whole.
    func stack(from offset: Int) -> StackDump? {
        guard stacksSize > offset, stacksSize - offset <= Self.longestStack, let bytes = try? File.read(stacks) else {
            return nil
        }
        return StackDump(String(decoding: bytes.dropFirst(offset), as: UTF8.self))
    }

    /// When the worker last said that its loop had turned.
    var turnedAt: Instant {
        guard let descriptor = try? Descriptor.openForReading(journal) else { return Instant(nanoseconds: 0) }
        defer { Descriptor.close(descriptor) }
        let header = (try? Descriptor.read(descriptor, upTo: JournalHeader.size)) ?? []
        return JournalHeader.turnedAt(of: header.span.bytes) ?? Instant(nanoseconds: 0)
    }

    /// The beginning of the run that is under way in the handler's thread: the innermost, as far as the journal tells.
    ///
    /// - Parameter instant: when it must have been under way already; nil: any time.
    /// - Returns: nil when no loop runs there.
    func runningLoop(since instant: Instant? = nil) -> LoopEvent? {
        // A copy, so that what is read ahead here is read again when it is sent.
        var decoder = decoder
        let bytes = readJournal()
        let events = decoder.decode(journal: bytes.span.bytes)
        guard let run = Self.innermostRun(in: events) else { return nil }
        if let instant, run.at > instant { return nil }
        return run
    }

    private static func innermostRun(in events: [LoopEvent]) -> LoopEvent? {
        var runs: [LoopEvent] = []
        for event in events where event.thread == handlersThread {
            switch event.kind {
            case .runBegun: runs.append(event)
            case .runEnded: if !runs.isEmpty { runs.removeLast() }
            default: break
            }
        }
        return runs.last
    }

    /// The probe's number for the thread that runs the handler.
    private static let handlersThread: UInt32 = 1

    /// Puts a standstill where it belongs among the events that were not handed on yet.
    func insert(_ standstill: Standstill) {
        let index = events.firstIndex { $0.at > standstill.seen } ?? events.endIndex
        let stack = standstill.stack
        var made: [LoopEvent] = []
        func add(_ kind: LoopEvent.Kind, _ flags: LoopEvent.Flags, _ site: CodeSite, _ detail: String, _ value: Int64) {
            made.append(
                LoopEvent(
                    sequence: decoder.reserveSequence(),
                    at: standstill.seen,
                    kind: kind,
                    flags: flags,
                    phase: .invocation,
                    ordinal: served,
                    thread: Self.handlersThread,
                    threadName: events.first { $0.thread == Self.handlersThread }?.threadName,
                    loop: Self.innermostRun(in: Array(events[..<index]))?.loop,
                    site: site,
                    detail: detail,
                    value: value
                )
            )
        }
        let mark = LoopEvent.Flags(rawValue: UInt16(LoopEvent.Kind.loopBlocked.number))
        func add(_ lines: [CodeLine], as role: RelatedSite.Role, isUserCode: Bool) {
            for line in lines {
                add(.relatedSite, mark, CodeSite(line: line, isUserCode: isUserCode), role.rawValue, Int64(served))
            }
        }
        add(stack.called, as: .called, isUserCode: false)
        add(stack.callers, as: .caller, isUserCode: true)
        let duration = standstill.end - standstill.begin
        let isStarved = standstill.starved * 5 > duration
        add(
            .loopBlocked,
            isStarved ? .starved : [],
            stack.site,
            standstill.wait?.rawValue ?? "computing",
            duration.nanoseconds
        )
        place(made, at: index)
    }

    /// Puts events of the daemon's own among those that were not handed on yet.
    func place(_ made: [LoopEvent], at index: Int) {
        events.insert(contentsOf: made, at: index)
        // One after the other, as they now stand.
        guard let first = events.map(\.sequence).min() else { return }
        for index in events.indices { events[index].sequence = first + Int64(index) }
    }
}
