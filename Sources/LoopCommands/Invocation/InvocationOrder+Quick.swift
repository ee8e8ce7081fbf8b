import LoopModel

extension InvocationOrder {
    /// Reads `invoke` as it is mostly typed, without the argument parser: its start takes longer than the whole call
    /// (2.3 of 4.1 ms, because each of its casts searches all conformances of the program).
    ///
    /// nil for everything else, mistakes too: the parser reads what this does not, and says what is wrong.
    init?(quicklyReading arguments: [String]) {
        guard arguments.first == "invoke" else { return nil }
        var name: FunctionName?
        var payload = PayloadArgument.empty
        var (isCold, count, style, address) = (false, 1, OutputStyle(), DaemonAddress())
        var rest = arguments.dropFirst()
        func value() -> String? {
            guard let next = rest.popFirst(), !next.hasPrefix("-") || next == "-" else { return nil }
            return next
        }
        while let word = rest.popFirst() {
            switch word {
            case "--cold": isCold = true
            case "--json": style.isJSON = true
            case "--no-color": style.isPlain = true
            case "--payload":
                guard let text = value() else { return nil }
                payload = PayloadArgument(argument: text)
            case "--count":
                guard let number = value().flatMap({ Int($0) }), number >= 1 else { return nil }
                count = number
            case "--socket":
                guard let path = value() else { return nil }
                address.socket = path
            default:
                guard name == nil, !word.hasPrefix("-"), let known = FunctionName(rawValue: word) else { return nil }
                name = known
            }
        }
        guard let name else { return nil }
        self.init(name: name, payload: payload, isCold: isCold, count: count, style: style, address: address)
    }
}
