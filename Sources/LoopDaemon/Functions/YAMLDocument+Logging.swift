import LoopModel

extension YAMLDocument {
    /// Reads how a function's log is written; levels go with JSON only, as on AWS Lambda.
    mutating func readLogging(into logging: inout LoggingConfiguration) {
        if let format = choice("logFormat", among: LogFormat.allCases.map(\.rawValue)) {
            logging.format = LogFormat(rawValue: format) ?? logging.format
            logging.isChosen = true
        }
        if let level = level("logLevel", among: LogLevel.allCases, logging.format) { logging.applicationLevel = level }
        if let level = level("systemLogLevel", among: LogLevel.ofSystem, logging.format) { logging.systemLevel = level }
    }

    private mutating func level(_ key: String, among levels: [LogLevel], _ format: LogFormat) -> LogLevel? {
        guard let found = text(key) else { return nil }
        if format != .json {
            report("goes with \"logFormat: json\" only, as on AWS Lambda", key: key, line: found.line)
            return nil
        }
        if let level = levels.first(where: { $0.rawValue == found.value.uppercased() }) { return level }
        let words = levels.map(\.rawValue).joined(separator: ", ")
        report("expected one of \(words), found \"\(found.value)\"", key: key, line: found.line)
        return nil
    }
}
