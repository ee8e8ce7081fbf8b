import LoopModel
import LoopOS

/// What users have said is right though a rule finds it: in a plugin's manifest, or in a comment at one of the lines.
///
///     loop = asyncio.new_event_loop()  # loopwarden: allow module-scope-loop because the service thread runs it
///
/// The comment may also stand alone on the line before. Such findings are counted, and neither stored nor told.
final class Allowances: Sendable {
    private static let mark = "loopwarden: allow "
    /// Files whose comments are remembered.
    private static let filesKept = 256

    private let state = Locked(State())

    private struct State {
        var functions: [FunctionName: FunctionConfiguration] = [:]
        var files: [SourcePlace: (stamp: FileStamp, comments: [Int: [Allowance]])] = [:]
        var used = 0
    }

    /// How many findings have been allowed since the start.
    var used: Int { state.withLock(\.used) }

    /// Takes up what a function's manifest allows.
    func use(_ function: FunctionConfiguration) { state.withLock { $0.functions[function.name] = function } }

    /// The findings that nobody has allowed; reads the files that they point to.
    func remaining(of findings: [Finding]) -> [Finding] {
        guard !findings.isEmpty else { return findings }
        let remaining = findings.filter { !covers($0) }
        state.withLock { $0.used += findings.count - remaining.count }
        return remaining
    }

    private func covers(_ finding: Finding) -> Bool {
        guard let function = state.withLock({ $0.functions[finding.function] }) else { return false }
        if function.allowed.contains(where: { $0.covers(finding) }) { return true }
        return Set(finding.ownLines).contains { line in
            let file = line.file.hasPrefix("/") ? line.file : "\(function.root)/\(line.file)"
            let comments = comments(in: SourcePlace(file: file))
            return comments[line.line]?.contains { $0.names(finding) } ?? false
        }
    }

    /// By line, what the comments of a module or cell allow there; none when it cannot be read.
    private func comments(in place: SourcePlace) -> [Int: [Allowance]] {
        guard let stamp = FileStamp(path: place.path), !stamp.isFolder else { return [:] }
        if let known = state.withLock({ $0.files[place] }), known.stamp == stamp { return known.comments }
        var comments: [Int: [Allowance]] = [:]
        for (index, line) in place.lines(in: (try? File.read(place.path)) ?? []).enumerated() {
            guard let found = Self.allowances(in: line[...]) else { continue }
            // A comment alone speaks of the line that follows.
            comments[index + (found.isAlone ? 2 : 1), default: []] += found.allowances
        }
        state.withLock { state in
            if state.files.count >= Self.filesKept { state.files = [:] }
            state.files[place] = (stamp, comments)
        }
        return comments
    }

    /// What the comment at the end of a line allows, and whether it is all that the line holds.
    private static func allowances(in line: Substring) -> (isAlone: Bool, allowances: [Allowance])? {
        guard line.contains(mark), let hash = line.lastIndex(of: "#") else { return nil }
        let comment = line[hash...].dropFirst().drop(while: \.isWhitespace)
        guard comment.hasPrefix(mark) else { return nil }
        let claim = comment.dropFirst(mark.count)
        let reason = claim.firstRange(of: " because ").map { claim[$0.lowerBound...] } ?? ""
        let names = claim.dropLast(reason.count).split(separator: ",")
        let allowances = names.compactMap { try? Allowance("\($0)\(reason)") }
        return (line[..<hash].allSatisfy(\.isWhitespace), allowances)
    }
}
