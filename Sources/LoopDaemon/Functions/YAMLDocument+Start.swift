internal import LoopModel

extension YAMLDocument {
    /// Reads how the processes of a function come to be.
    mutating func readStart(into function: inout FunctionConfiguration) {
        if let start = choice("start", among: StartMode.allCases.map(\.rawValue)) {
            function.start = StartMode(rawValue: start) ?? function.start
        }
        readForksAhead(into: &function)
        guard let preload = list("preload") else { return }
        function.preload = preload.value
        for name in preload.value where !ModuleName.isValid(name) {
            report(
                "expected names of Python modules, such as “boto3” or “urllib.parse”, got “\(name)”",
                key: "preload",
                line: preload.line
            )
        }
        if function.start != .fork {
            report("it takes “start: fork”: a fresh interpreter has nothing loaded", key: "preload", line: preload.line)
        }
    }

    private mutating func readForksAhead(into function: inout FunctionConfiguration) {
        guard let line = text("forkAhead")?.line, let ahead = whole("forkAhead", in: 0...Self.mostForksAhead) else {
            return
        }
        function.forkAhead = ahead
        if function.start != .fork {
            report("it takes “start: fork”: nothing else is forked", key: "forkAhead", line: line)
        }
    }

    /// Each takes some MB.
    private static let mostForksAhead = 64
}
