import ArgumentParser
import LoopModel
import LoopOS
import LoopRules
import LoopWire

extension CompletionKind {
    /// The names of the functions that the daemon serves; nothing when it does not run.
    static var functions: CompletionKind {
        .custom { _, _, _ in
            let client = ControlClient(paths: ControlSocket.paths(environment: ThisProcess.environment))
            guard let body = try? client.send(.functions), let reply = try? JSONReader.value(of: body) else {
                return []
            }
            return reply["functions"]?.elements?.compactMap { $0["name"]?.stringValue } ?? []
        }
    }

    /// The names of the rules.
    static var rules: CompletionKind { .list(AllRules.ids) }
}
