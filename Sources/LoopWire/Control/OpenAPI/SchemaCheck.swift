package import LoopModel

extension OpenAPIDocument {
    /// Where a reply departs from what the document promises; empty when it keeps it.
    ///
    /// What tests hold the server to. Knows as much of JSON Schema as the document uses.
    ///
    /// - Parameters:
    ///   - reply: the body.
    ///   - operation: the route's `operationId`.
    ///   - status: of the reply.
    /// - Returns: one sentence a fault, with the place in the reply.
    package static func faults(in reply: JSON, of operation: String, status: Int) -> [String] {
        guard let route = ControlRoutes.all.first(where: { $0.operation == operation }) else {
            return ["there is no operation \(operation)"]
        }
        let responses = json["paths"]?[route.path]?[route.method.rawValue.lowercased()]?["responses"]
        guard let response = responses?[String(status)] ?? responses?["default"],
            let schema = response["content"]?["application/json"]?["schema"]
        else { return ["\(operation) does not answer with \(status)"] }
        return faults(in: reply, against: schema, at: "reply")
    }

    private static func faults(in value: JSON, against schema: JSON, at place: String) -> [String] {
        if let name = schema["$ref"]?.stringValue?.split(separator: "/").last {
            guard let named = json["components"]?["schemas"]?[String(name)] else { return ["no schema \(name)"] }
            return faults(in: value, against: named, at: place)
        }
        var faults: [String] = []
        if let only = schema["const"], only != value { faults.append("\(place) is not \(only.text)") }
        if let words = schema["enum"]?.elements, !words.contains(value) {
            faults.append("\(place) is \(value.text), none of \(JSON.array(words).text)")
        }
        if let type = schema["type"] {
            let types = type.elements?.compactMap(\.stringValue) ?? [type.stringValue ?? ""]
            if !types.contains(where: { value.isOfType($0) }) { faults.append("\(place) is no \(type.text)") }
        }
        if let either = schema["anyOf"]?.elements,
            !either.contains(where: { self.faults(in: value, against: $0, at: place).isEmpty })
        {
            faults.append("\(place) matches none of what it may be")
        }
        for key in schema["required"]?.elements?.compactMap(\.stringValue) ?? [] where value[key] == nil {
            faults.append("\(place) has no \(key)")
        }
        for property in schema["properties"]?.members ?? [] {
            guard let inner = value[property.key] else { continue }
            faults += self.faults(in: inner, against: property.value, at: "\(place).\(property.key)")
        }
        if let items = schema["items"] {
            for (index, element) in (value.elements ?? []).enumerated() {
                faults += self.faults(in: element, against: items, at: "\(place)[\(index)]")
            }
        }
        return faults
    }
}

extension JSON {
    /// Whether it is of a type by the name that JSON Schema gives it.
    fileprivate func isOfType(_ name: String) -> Bool {
        switch self {
        case .null: name == "null"
        case .bool: name == "boolean"
        case .int: name == "integer" || name == "number"
        case .double: name == "number"
        case .string: name == "string"
        case .array: name == "array"
        case .object: name == "object"
        case .raw: name == "number"
        }
    }
}
