import FoundationEssentials
package import LoopModel
import LoopOS
import LoopRunner

/// Reads a scenario, so that each mistake is told with file, line and key.
package struct ScenarioFile {
    private let path: String
    /// What relative paths in it start from.
    private let folder: String
    /// Of the command line: what gives every random choice, in place of the file's own.
    private let seed: UInt64?

    private var functions: [FunctionConfiguration] = []
    private var streams: [ScenarioStream] = []
    private var omissions: [String] = []

    /// - Parameters:
    ///   - path: the file's; absolute.
    ///   - seed: in place of the file's own.
    package init(_ path: String, seed: UInt64? = nil) {
        self.path = path
        self.seed = seed
        folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }

    /// Reads it, with everything that it names.
    ///
    /// - Throws: ``CheckFailure`` when there is no such file; ``SettingsFailure`` with every mistake.
    package mutating func scenario() throws -> Scenario {
        guard let stamp = FileStamp(path: path) else {
            throw CheckFailure.target("There is no \(path).", hint: "Name a scenario's .yaml file.")
        }
        guard !stamp.isFolder else {
            throw CheckFailure.target("\(path) is a folder.", hint: "Name a scenario's .yaml file in it.")
        }
        let bytes: [UInt8]
        do {
            bytes = try File.read(path)
        } catch {
            throw CheckFailure.target("\(path) cannot be read: \(error.reason).", hint: "")
        }
        var document = try YAMLDocument(text: String(decoding: bytes, as: UTF8.self), file: path)
        let duration = document.time("duration", from: .milliseconds(1))
        let ownSeed = document.number("seed", from: 0)
        readFunctions(&document)
        readStreams(&document)
        if functions.isEmpty, document.problems.isEmpty {
            document.report("expected the functions that are invoked: paths of plugins", key: "functions", line: 1)
        }
        if streams.isEmpty, document.problems.isEmpty {
            document.report("expected a list of streams, each with a function and arrivals", key: "streams", line: 1)
        }
        let length = duration ?? length(of: streams)
        if length == nil, document.problems.isEmpty {
            let expected = "expected how long it goes on, as in 1h: not every stream has an end"
            document.report(expected, key: "duration", line: 1)
        }
        try document.finish()
        var scenario = Scenario(
            functions: functions,
            streams: streams,
            duration: length ?? .zero,
            seed: seed ?? UInt64(ownSeed ?? 0)
        )
        scenario.omissions = omissions
        return scenario
    }

    /// How long streams go on that end by themselves; nil when one does not.
    private func length(of streams: [ScenarioStream]) -> Duration? {
        var length = Duration.zero
        for stream in streams {
            guard let end = stream.until ?? stream.end else { return nil }
            length = max(length, end)
        }
        return length
    }

    // MARK: Functions

    private mutating func readFunctions(_ document: inout YAMLDocument) {
        document.sections("functions", plain: "path") { entry in
            guard let path = entry.text("path") else {
                return entry.report("expected a plugin's folder or a handler's .py file", key: "path", line: entry.line)
            }
            let name = entry.name("name")
            do {
                let meant = try CheckTarget(path.value, in: folder).meaning().functions
                if name != nil, meant.count > 1 {
                    let message = "\(path.value) has \(meant.count) functions; they cannot all be called so"
                    entry.report(message, key: "name", line: path.line)
                }
                // Each reads the whole entry; what is wrong with it is told once.
                let before = entry
                for (index, var function) in meant.enumerated() {
                    if index > 0 { entry = before }
                    function.name = name ?? function.name
                    let sample = function.sampleFile
                    entry.readOptions(into: &function)
                    function.sampleFile = function.sampleFile ?? sample
                    if let file = function.sampleFile {
                        let bytes = entry.event(in: Located(value: file, line: path.line), folder)
                        function.sampleEvent = bytes.map { CheckEvent(name: nil, bytes: $0) }
                    }
                    if functions.contains(where: { $0.name == function.name }) {
                        let hint = "there are two functions \"\(function.name)\"; give one another name"
                        entry.report(hint, key: "path", line: path.line)
                    } else {
                        functions.append(function)
                    }
                }
            } catch let failure as CheckFailure {
                entry.report("\(failure) \(failure.hint)".trimmed, key: "path", line: path.line)
            } catch {
                entry.report("\(error)", key: "path", line: path.line)
            }
        }
    }

    private func function(_ entry: inout YAMLDocument, _ key: String, _ name: Located<String>) -> FunctionName? {
        if let function = functions.first(where: { $0.name.rawValue == name.value }) { return function.name }
        let names = functions.map(\.name.rawValue)
        let guess =
            nearestName(to: name.value, among: names).map { "did you mean \"\($0)\"?" }
            ?? (names.isEmpty ? "none is named under functions" : "there are \(names.joined(separator: ", "))")
        entry.report("there is no function \"\(name.value)\"; \(guess)", key: key, line: name.line)
        return nil
    }

    // MARK: Streams

    private mutating func readStreams(_ document: inout YAMLDocument) {
        document.sections("streams") { entry in
            var stream = ScenarioStream(function: FunctionName(sanitizing: ""), pattern: .counts([]))
            stream.from = entry.time("from") ?? .zero
            stream.until = entry.time("until", from: .milliseconds(1))
            if let until = stream.until, until <= stream.from {
                let expected = "expected a time after from, which is \(stream.from.spoken)"
                entry.report(expected, key: "until", line: entry.line)
            }
            stream.count = entry.number("count", from: 1)
            stream.seed = entry.number("seed", from: 0).map { UInt64($0) }
            if let text = entry.text("cold") {
                if let choice = ColdChoice(text.value) {
                    stream.cold = choice
                } else {
                    let expected = "expected \"every 10th\", a share such as 10% or 0.1, \"always\" or \"never\""
                    entry.report("\(expected), found \"\(text.value)\"", key: "cold", line: text.line)
                }
            }
            entry.sections("payloads", plain: "file") { stream.payloads += $0.payload(in: folder).map { [$0] } ?? [] }
            if !stream.payloads.isEmpty, stream.payloads.allSatisfy({ $0.weight == 0 }) {
                entry.report("expected one weight above 0", key: "payloads", line: entry.line)
            }
            let name = entry.text("function")
            let named = name.flatMap { function(&entry, "function", $0) }
            if name == nil, functions.count == 1 { stream.function = functions[0].name }
            if let named { stream.function = named }
            let isKnown = named != nil || (name == nil && functions.count == 1)
            var patterns: [ArrivalPattern] = []
            var traced: [ScenarioStream]?
            var begin = entry.line
            entry.section("arrivals") { arrivals in
                begin = arrivals.line
                patterns = arrivals.patterns()
                arrivals.section("trace") { traced = self.traced(&$0, like: stream, isKnown: isKnown) }
            }
            guard patterns.count + (traced == nil ? 0 : 1) == 1 else {
                if entry.problems.isEmpty {
                    let expected = "expected one of constant, poisson, burst and trace, as in poisson: {rate: 30/min}"
                    entry.report(expected, key: "arrivals", line: begin)
                }
                return
            }
            if let traced { return streams += traced }
            guard isKnown else {
                guard name == nil else { return }
                return entry.report("expected the function that is invoked", key: "function", line: entry.line)
            }
            stream.pattern = patterns[0]
            streams.append(stream)
        }
    }

    /// The streams of a trace's rows; nil when a mistake was reported.
    private mutating func traced(
        _ entry: inout YAMLDocument,
        like stream: ScenarioStream,
        isKnown: Bool
    ) -> [ScenarioStream]? {
        let file = entry.text("file")
        let skip = entry.time("skip") ?? .zero
        let line = entry.line
        var functionsByHash: [String: FunctionName] = [:]
        let table = entry.table("rows")
        for (hash, name) in (table?.value ?? [:]).sorted(by: { $0.key < $1.key }) {
            let place = Located(value: name, line: table?.line ?? line)
            if let known = function(&entry, "rows", place) { functionsByHash[hash] = known }
        }
        guard let file else {
            entry.report("expected the trace's .csv file", key: "file", line: line)
            return nil
        }
        guard table != nil || isKnown else {
            entry.report("expected which rows are which functions: {HASHFUNCTION: function}", key: "rows", line: line)
            return nil
        }
        guard entry.problems.isEmpty else { return nil }
        let path = SettingsLoader.absolute(file.value, in: folder)
        let trace: InvocationTrace
        do {
            let hashes = Array(functionsByHash.keys)
            trace = try InvocationTrace(File.read(path)) { function in
                table == nil || hashes.contains { function.hasPrefix($0) }
            }
        } catch let failure as InvocationTraceFailure {
            entry.report("\(file.value):\(failure.line): \(failure.message)", key: "file", line: file.line)
            return nil
        } catch let failure as SystemFailure {
            entry.report("\(path) cannot be read: \(failure.reason)", key: "file", line: file.line)
            return nil
        } catch {
            entry.report("\(error)", key: "file", line: file.line)
            return nil
        }
        for hash in functionsByHash.keys.sorted() where !trace.rows.contains(where: { $0.function.hasPrefix(hash) }) {
            let message = "no row of \(file.value) has a HashFunction that begins so"
            entry.report(message, key: "rows.\(hash)", line: table?.line ?? line)
        }
        guard entry.problems.isEmpty else { return nil }
        if trace.skipped > 0 {
            let count = trace.skipped + trace.rows.count
            omissions.append("\(file.value): \(trace.skipped) of \(count) rows are no function's")
        }
        let minutes = Int(skip / .seconds(60))
        return trace.rows.map { row in
            var stream = stream
            let hash = functionsByHash.keys.filter { row.function.hasPrefix($0) }.max { $0.utf8.count < $1.utf8.count }
            if let hash, let name = functionsByHash[hash] { stream.function = name }
            stream.pattern = .counts(Array(row.counts.dropFirst(minutes)))
            return stream
        }
    }
}

extension ScenarioStream {
    /// When the last invocation will have come in, where that follows from the stream alone.
    fileprivate var end: Duration? {
        if let length = pattern.length { return from + length }
        guard let count else { return nil }
        switch pattern {
        case .constant(let rate): return from + .nanoseconds(Int64(Double(count) / rate * 1e9))
        case .burst(let size, let every): return from + every * ((count + size - 1) / size)
        case .poisson, .counts: return nil
        }
    }
}

extension String {
    /// Without a blank at its end.
    fileprivate var trimmed: String { hasSuffix(" ") ? String(dropLast()) : self }
}
