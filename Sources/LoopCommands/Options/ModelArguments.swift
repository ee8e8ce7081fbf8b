import ArgumentParser
import LoopModel
import LoopWire

// Values of the model as they are typed.
extension FunctionName: ExpressibleByArgument {
    package init?(argument: String) { self.init(rawValue: argument) }
}

extension RunName: ExpressibleByArgument {
    package init?(argument: String) { self.init(rawValue: argument) }
}

extension Outcome: ExpressibleByArgument {}

extension StartMode: ExpressibleByArgument {}

/// Which alerts, as `alerts list --state` names them.
enum AlertStateArgument: String, CaseIterable, ExpressibleByArgument {
    case open, acknowledged, resolved, all

    var states: Set<Alert.State> { Alert.State(rawValue: rawValue).map { [$0] } ?? Set(Alert.State.allCases) }
}
