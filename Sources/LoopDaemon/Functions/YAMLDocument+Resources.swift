import LoopModel

extension YAMLDocument {
    /// Reads what a manifest says of memory and processors.
    mutating func readResources(into function: inout FunctionConfiguration) {
        let words = ResourceLimits.MemoryLimit.allCases.map(\.rawValue)
        if let limit = choice("memoryLimit", among: words) {
            function.resources.memoryLimit = ResourceLimits.MemoryLimit(rawValue: limit) ?? .auto
        }
        guard let cpu = text("cpu") else { return }
        let range = ResourceLimits.processorsRange
        if cpu.value == "lambda" {
            function.resources.processors = ResourceLimits.lambdaProcessors(memory: function.memory)
        } else if let number = Double(cpu.value), range.contains(number) {
            function.resources.processors = number
        } else {
            let expected = "processors, a number from \(range.lowerBound) to \(Int(range.upperBound)), or lambda"
            report("expected \(expected); found \"\(cpu.value)\"", key: "cpu", line: cpu.line)
        }
    }
}
