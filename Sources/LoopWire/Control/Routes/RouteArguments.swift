import LoopModel

/// What a request says to the route that it matched.
struct RouteArguments {
    let route: ControlRoute
    let path: [String: Substring]
    let query: [(name: Substring, value: Substring)]
    let body: () -> [UInt8]
    let now: WallTime

    /// The value of a parameter of the path.
    func required<Value>(_ parameter: ControlParameter<Value>) throws(APIFailure) -> Value {
        guard let text = path[parameter.name] else {
            preconditionFailure("\(route.path) has no parameter \(parameter.name)")
        }
        return try read(parameter, text)
    }

    /// The value of a parameter of the query, if it is there; the last one counts.
    func optional<Value>(_ parameter: ControlParameter<Value>) throws(APIFailure) -> Value? {
        precondition(
            route.query.contains { $0.name == parameter.name },
            "\(route.path) does not declare \(parameter.name)"
        )
        guard let text = query.last(where: { $0.name == parameter.name })?.value else { return nil }
        return try read(parameter, text)
    }

    private func read<Value>(_ parameter: ControlParameter<Value>, _ text: Substring) throws(APIFailure) -> Value {
        guard let value = PercentCoding.decode(text).flatMap({ parameter.read($0, now) }) else {
            throw .badParameter(parameter.name, String(text), expected: parameter.expected)
        }
        return value
    }

    /// A field of the body, which must be an object.
    func field(_ name: String, expected: String) throws(APIFailure) -> String {
        let members: [(key: String, value: ArraySlice<UInt8>)]
        do {
            members = try JSONReader.members(of: body())
        } catch {
            throw .badBody("The body is not a JSON object (\(error)).", expected: expected)
        }
        guard let text = members.first(where: { $0.key == name })?.value,
            case .string(let value)? = try? JSONReader.value(of: Array(text))
        else { throw .badBody("The body has no string \"\(name)\".", expected: expected) }
        return value
    }

    /// A field of the body, which must be an object, with a number from 0 up; nil: it is null.
    func count(_ name: String, expected: String) throws(APIFailure) -> Int? {
        guard let value = (try? JSONReader.value(of: body()))?[name] else {
            throw .badBody("The body is not a JSON object with \"\(name)\".", expected: expected)
        }
        if value == .null { return nil }
        guard let count = value.intValue, count >= 0 else {
            throw .badBody("\"\(name)\" is not a whole number from 0 up.", expected: expected)
        }
        return Int(count)
    }

    /// The parts of a filter that the route declares.
    func filter() throws(APIFailure) -> HistoryFilter {
        var filter = HistoryFilter()
        filter.function = try ifDeclared(ControlParameters.function)
        filter.outcome = try ifDeclared(ControlParameters.outcome)
        filter.isCold = try ifDeclared(ControlParameters.start)
        filter.since = try ifDeclared(ControlParameters.since)
        filter.until = try ifDeclared(ControlParameters.until)
        filter.rule = try ifDeclared(ControlParameters.rule)
        filter.run = try ifDeclared(ControlParameters.run)
        if let limit = try ifDeclared(ControlParameters.limit) { filter.limit = limit }
        return filter
    }

    private func ifDeclared<Value>(_ parameter: ControlParameter<Value>) throws(APIFailure) -> Value? {
        route.query.contains { $0.name == parameter.name } ? try optional(parameter) : nil
    }
}
