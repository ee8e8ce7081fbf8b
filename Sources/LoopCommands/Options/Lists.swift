import ArgumentParser
import LoopModel

/// Names separated by commas.
struct NameList: ExpressibleByArgument, Hashable {
    var values: [String] = []

    init() {}

    init?(argument: String) {
        values = argument.split(separator: ",").map(String.init)
        if values.isEmpty { return nil }
    }

    var defaultValueDescription: String { "as the manifest says" }
}

/// A value that is one of a few.
protocol Choice: Hashable, RawRepresentable<String> {
    static var choices: [Self] { get }
}

extension LoopImplementation: Choice { static var choices: [Self] { allCases } }
extension HostProfile: Choice { static var choices: [Self] { known } }

/// Some of a few values, separated by commas.
struct ChoiceList<Value: Choice>: ExpressibleByArgument, Hashable {
    var values: [Value] = []

    init() {}

    init?(argument: String) {
        for word in argument.split(separator: ",") {
            guard let value = Value.choices.first(where: { $0.rawValue == word }) else { return nil }
            values.append(value)
        }
        if values.isEmpty { return nil }
    }

    static var allValueStrings: [String] { Value.choices.map(\.rawValue) }

    var defaultValueDescription: String { "as the manifest says" }
}

extension Severity: ExpressibleByArgument {}
