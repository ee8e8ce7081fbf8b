import LoopModel

// How rules name lines, loops, moments and invocations, so that all of them sound alike.

/// `invocation 0 (cold)`, `invocation 3`.
func named(_ ordinal: Int) -> String { "invocation \(ordinal)" + (ordinal == 0 ? " (cold)" : "") }

/// `3 loops`, `1 loop`.
func counted(_ count: Int, _ thing: String) -> String { "\(count) \(thing)" + (count == 1 ? "" : "s") }

/// `a`, `a and b`, `a, b and c`.
func enumerated(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " and " + last
}

extension String {
    /// With its first letter in upper case.
    var sentence: String { prefix(1).uppercased() + dropFirst() }
}

extension CodeLine {
    /// The name of the installed distribution's top folder or file, such as `httpcore`.
    var packageName: String {
        let top = (installedPath ?? file[...]).prefix { $0 != "/" }
        return String(top.hasSuffix(".py") ? top.dropLast(3) : top)
    }

    /// Whether it is part of Python itself or of uvloop, which does asyncio's work.
    var isMachinery: Bool { isStandardLibrary || file.contains("-packages/uvloop/") }

    /// Whether it is a finalizer's.
    var isFinalizer: Bool { function == "__del__" || function.hasSuffix(".__del__") }
}

extension CodeSite {
    /// The installed library's line, if one stands between the user's line and asyncio.
    var library: CodeLine? {
        guard isUserCode else { return line.isMachinery ? nil : line }
        guard let via, !via.isMachinery else { return nil }
        return via
    }

    /// ` at handler.py:9`, ` at handler.py:9 (through httpcore/pool.py:57)`.
    var place: String {
        guard isUserCode, let library else { return " at \(line.short)" }
        return " at \(line.short) (through \(library.short))"
    }
}

extension Moment {
    /// The invocation that it belongs to or came after; nil while the handler was loaded.
    var invocation: Int? { ordinal ?? following }

    /// Whether module-level code did it, which an environment runs once.
    var isAtImport: Bool { site?.line.function == "<module>" }

    /// The line, if it is the user's.
    var userLine: CodeLine? { site.flatMap { $0.isUserCode ? $0.line : nil } }

    /// ` at handler.py:9`, or nothing where only the host's code was there.
    var place: String { site?.place ?? "" }

    /// ` in invocation 0 (cold)`, ` while the module was imported`.
    var when: String {
        switch phase {
        case .initialization: isAtImport ? " while the module was imported" : " while the handler was loaded"
        case .invocation:
            (isAtImport ? " while the module was imported" : "") + (ordinal.map { " in \(named($0))" } ?? "")
        case .between: following.map { " after \(named($0)) had answered" } ?? " before the first invocation"
        case .shutdown: " when the environment was shut down"
        }
    }

    /// Who did it: `invocation 3`, `loading the handler`, `what invocation 3 left running`.
    var actor: String {
        switch phase {
        case .invocation: ordinal.map { named($0) } ?? "an invocation"
        case .initialization: "loading the handler"
        case .between:
            following.map { "what \(named($0)) left running" } ?? "what loading the handler left running"
        case .shutdown: "the environment's shutdown"
        }
    }

    /// The line with its part in a story.
    func related(as role: RelatedSite.Role) -> RelatedSite? {
        site.map { RelatedSite(role: role, ordinal: invocation, line: $0.line) }
    }
}

extension LoopState {
    /// `asyncio.run()` or a Runner made it.
    var isRunners: Bool { createdBy.contains(.byRunner) }

    /// `get_event_loop()` made it unasked.
    var isImplicit: Bool { createdBy.contains(.implicit) }

    /// Gone without having been closed.
    var isCollected: Bool { finalized != nil }

    /// Who created it, where and when, as a sentence about `it`, without a full stop.
    var birth: String { birth(of: "it") }

    /// As ``birth``, by another name.
    func birth(of name: String) -> String {
        if isHosts {
            return
                "The host created \(name)\(created.phase == .invocation ? created.ordinal.map { " for \(named($0))" } ?? "" : created.when)"
        }
        if isRunners { return "\(runner(at: created)) created \(name)\(created.place)\(created.when)" }
        if isImplicit { return "get_event_loop() created \(name)\(created.place)\(created.when)" }
        return "\(name.sentence) was created\(created.place)\(created.when)"
    }

    /// `asyncio.run()`, `uvloop.run()` or `A Runner`, whichever stands on the stack.
    private func runner(at moment: Moment) -> String {
        guard let via = moment.site?.via else { return "A Runner" }
        if via.file.contains("-packages/uvloop/") { return "uvloop.run()" }
        return via.function == "run" ? "asyncio.run()" : "A Runner"
    }
}
