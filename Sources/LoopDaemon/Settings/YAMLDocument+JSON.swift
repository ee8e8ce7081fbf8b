import LoopModel
import Yams

extension JSON {
    /// What a node of a YAML file is in JSON, by YAML's core schema; of a mapping's keys each must be a plain value.
    ///
    /// - Returns: nil for what JSON has no word for.
    init?(_ node: Node) {
        switch node {
        case .scalar(let scalar):
            if scalar.style != .plain {
                self = .string(scalar.string)
            } else if ["", "~", "null", "Null", "NULL"].contains(scalar.string) {
                self = .null
            } else if ["true", "True", "TRUE"].contains(scalar.string) {
                self = .bool(true)
            } else if ["false", "False", "FALSE"].contains(scalar.string) {
                self = .bool(false)
            } else if let number = Int64(scalar.string) {
                self = .int(number)
            } else if let number = Double(scalar.string), number.isFinite, scalar.string.first?.isLetter == false {
                self = .double(number)
            } else {
                self = .string(scalar.string)
            }
        case .sequence(let sequence):
            let values = sequence.compactMap { JSON($0) }
            guard values.count == sequence.count else { return nil }
            self = .array(values)
        case .mapping(let mapping):
            var members: [Member] = []
            for (key, value) in mapping {
                guard let key = key.string, let value = JSON(value) else { return nil }
                members.append(Member(key, value))
            }
            self = .object(members)
        case .alias: return nil
        }
    }
}
