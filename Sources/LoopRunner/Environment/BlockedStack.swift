internal import LoopModel

/// Where a loop stands still: the user's line, what it has called, and who has called it.
struct BlockedStack: Hashable {
    var site: CodeSite
    /// Between the user's line and the blocking call: the installed libraries' and the standard library's lines, the
    /// outermost first.
    var called: [CodeLine]
    /// The user's lines further out, the innermost first.
    var callers: [CodeLine]
}

extension BlockedStack {
    private static let mostLines = 6

    /// Reads a stack.
    ///
    /// nil where no code of the user's holds the loop up: it idles in a selector, a debugger has stopped it, modules
    /// are being imported, or asyncio is at work by itself.
    ///
    /// - Parameters:
    ///   - dump: of a thread in which a loop runs.
    ///   - run: the line that has begun the run; nil: none of the user's.
    ///   - kinds: tells whose a file is.
    init?(_ dump: StackDump, run: CodeLine?, kinds: FileKinds) {
        let all = dump.frames
        if all.count > 1, all[0].function == "select", all[0].file.hasSuffix("/selectors.py"),
            all[1].file.hasSuffix("/asyncio/base_events.py")
        {
            return nil
        }
        let end = all.firstIndex(where: Self.turnsLoop) ?? all.endIndex
        let frames = all[..<end]
        if frames.contains(where: { Self.isImport($0) || Self.isDebugger($0) }) { return nil }
        guard let index = frames.firstIndex(where: { kinds.kind(of: $0.file) == .user }) else { return nil }
        let culprit = kinds.shortened(frames[index])
        // uvloop has no frames of its own: what it does by itself seems to be done by the line that runs it.
        if end == all.endIndex, let run, run.file == culprit.file, run.line == culprit.line { return nil }
        let inner = frames[..<index].reversed().filter { kinds.kind(of: $0.file) != .host }.map(kinds.shortened)
        // Those in the middle are of the least interest.
        called =
            inner.count > Self.mostLines
            ? inner.prefix(Self.mostLines / 2) + inner.suffix(Self.mostLines / 2) : inner
        callers = frames[(index + 1)...].filter { kinds.kind(of: $0.file) == .user }.prefix(Self.mostLines)
            .map(kinds.shortened)
        let library = frames[..<index].first { kinds.kind(of: $0.file) == .library }
        let through = library ?? frames[..<index].last { kinds.kind(of: $0.file) != .host }
        site = CodeSite(line: culprit, isUserCode: true, via: through.map(kinds.shortened))
    }

    /// asyncio's own loop, around everything that runs in it.
    private static func turnsLoop(_ frame: CodeLine) -> Bool {
        ["_run_once", "run_forever", "run_until_complete"].contains(frame.function)
            && frame.file.hasSuffix("/asyncio/base_events.py")
    }

    private static func isImport(_ frame: CodeLine) -> Bool { frame.file.hasPrefix("<frozen importlib") }

    private static func isDebugger(_ frame: CodeLine) -> Bool {
        frame.file.hasSuffix("/bdb.py") || frame.file.hasSuffix("/pdb.py") || frame.file.contains("/debugpy/")
            || frame.file.contains("pydevd")
    }
}

/// Tells whose code a file holds, as the probe's `sites.py` does.
struct FileKinds {
    enum Kind {
        case user
        case library
        /// The standard library and generated code.
        case machinery
        /// The worker and the probe.
        case host
    }

    /// The plugin's folder, with a slash at its end.
    let root: String
    /// The folder of the worker's own files, with a slash at its end.
    let host: String
    /// What `pip install --target` has put into the plugin's folder: names of folders and files.
    let vendored: Set<String>

    func kind(of file: String) -> Kind {
        if file.hasPrefix(host) { return .host }
        let line = CodeLine(file: file, line: 0, function: "")
        if line.isStandardLibrary { return .machinery }
        if line.installedPath != nil { return .library }
        if file.hasPrefix(root), let top = file.dropFirst(root.count).split(separator: "/").first {
            return vendored.contains(String(top)) ? .library : .user
        }
        return .user
    }

    func shortened(_ line: CodeLine) -> CodeLine {
        guard line.file.hasPrefix(root) else { return line }
        return CodeLine(file: String(line.file.dropFirst(root.count)), line: line.line, function: line.function)
    }
}
