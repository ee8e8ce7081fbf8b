import LoopModel
import LoopOS
import LoopRunner

extension YAMLDocument {
    /// One of a stream's payloads; nil when a mistake was reported.
    mutating func payload(in folder: String) -> WeightedPayload? {
        var payloads: [[UInt8]] = []
        if let value = json("json") {
            // Text is JSON's own, as on the command line.
            if case .string(let text) = value.value, (try? JSONReader.validate(Array(text.utf8))) != nil {
                payloads.append(Array(text.utf8))
            } else {
                payloads.append(Array(value.value.text.utf8))
            }
        }
        if let file = text("file"), let bytes = event(in: file, folder) { payloads.append(bytes) }
        if let source = text("eventSource") {
            do throws(EventSourceFailure) {
                payloads.append(Array(try EventSource(named: source.value).text.utf8))
            } catch {
                report("\(error). \(error.hint)", key: "eventSource", line: source.line)
            }
        }
        var weight = 1.0
        if let found = text("weight") {
            if let number = Double(found.value), number.isFinite, number >= 0 {
                weight = number
            } else {
                report("expected a number from 0, found \"\(found.value)\"", key: "weight", line: found.line)
            }
        }
        guard problems.isEmpty else { return nil }
        guard payloads.count == 1 else {
            report("expected one of json, file and eventSource", key: "json", line: line)
            return nil
        }
        guard payloads[0].count <= InvocationLimits.payload else {
            let message = "the event has \(payloads[0].count) bytes; the most is \(InvocationLimits.payload)"
            report(message, key: "json", line: line)
            return nil
        }
        return WeightedPayload(bytes: payloads[0], weight: weight)
    }

    /// The event in a file; nil when a mistake was reported.
    mutating func event(in file: Located<String>, _ folder: String) -> [UInt8]? {
        do {
            let bytes = try File.read(SettingsLoader.absolute(file.value, in: folder))
            try JSONReader.validate(bytes)
            return bytes
        } catch let failure as SystemFailure {
            report("\(file.value) cannot be read: \(failure.reason)", key: "file", line: file.line)
        } catch {
            report("\(file.value) is not JSON: \(error)", key: "file", line: file.line)
        }
        return nil
    }
}
