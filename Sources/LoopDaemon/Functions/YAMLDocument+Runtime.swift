import LoopModel

extension YAMLDocument {
    /// Keys that are about Python, and say nothing of a program with a runtime of its own.
    private static let pythonKeys = ["python", "kind", "host", "engine", "loop", "probe"]

    /// Reads what a manifest says of the program that runs the function, and the function's place in it.
    mutating func readRuntime(into function: inout FunctionConfiguration) {
        if let runtime = choice("runtime", among: ["python", "provided"]) { function.runtime = runtime }
        let isProvided = function.runtime == "provided"
        let command = list("command")
        if let command {
            function.command = command.value
            if !isProvided {
                report("is for runtime: provided only; this is \(function.runtime)", key: "command", line: command.line)
            } else if command.value.first?.isEmpty != false {
                report("expected a program and its arguments", key: "command", line: command.line)
            }
        }
        readHandler(into: &function, isProvided: isProvided)
        guard isProvided else { return }
        function.host = .provided
        function.probe = .off
        for key in Self.pythonKeys {
            guard let given = text(key) else { continue }
            report("says nothing of a program with a runtime of its own; take it out", key: key, line: given.line)
        }
    }

    private mutating func readHandler(into function: inout FunctionConfiguration, isProvided: Bool) {
        guard let handler = text("handler") else {
            // What the program makes of `_HANDLER` is its own business; so many do not look.
            if isProvided { return function.handler = "bootstrap" }
            return report("is missing; expected module.function, such as handler.handler", key: "handler", line: 1)
        }
        function.handler = handler.value
        if !isProvided, !handler.value.dropFirst().dropLast().contains(".") {
            report("expected module.function, found \"\(handler.value)\"", key: "handler", line: handler.line)
        }
    }

    /// Reads which engine runs the handlers of a host, after the host.
    mutating func readEngine(into function: inout FunctionConfiguration, isHostGiven: Bool) {
        guard let engine = text("engine") else { return }
        guard engine.value == HostProfile.ric.rawValue else {
            return report("expected ric, found \"\(engine.value)\"", key: "engine", line: engine.line)
        }
        guard !isHostGiven || [.awsLambda, .awsLambdaRic].contains(function.host) else {
            let message = "ric runs handlers as on the host aws-lambda; host says \(function.host)"
            return report(message, key: "engine", line: engine.line)
        }
        function.host = .awsLambdaRic
    }
}
