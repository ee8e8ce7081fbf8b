import LoopModel
import LoopOS

/// The command line with which somebody checks one of the functions again.
struct ReplayCommand {
    /// As it was typed.
    var target: String
    var input: CheckInput

    /// The command for one of the functions that the target means, of which there are so many.
    func text(for function: FunctionConfiguration, of count: Int) -> String {
        var words = ["loopwarden", "check", ShellWord.quoted(count == 1 ? target : path(of: function))]
        switch input.event {
        case .empty: break
        case .sample(let source): words += ["--event-source", source.name]
        case .file(let path): words += ["--event", ShellWord.quoted("@\(path)")]
        case .text(let text): words += ["--event", ShellWord.quoted(text)]
        case .standardInput: words += ["--event", "-"]
        }
        if !input.events.isEmpty { words += ["--events"] + input.events.map { ShellWord.quoted($0.typed) } }
        if let venv = input.venv { words += ["--venv", ShellWord.quoted(venv)] }
        if let requirements = input.requirements { words += ["--requirements", ShellWord.quoted(requirements)] }
        for (name, value) in input.variables.sorted(by: { $0.key < $1.key }) {
            words += ["--env", ShellWord.quoted("\(name)=\(value)")]
        }
        return words.joined(separator: " ")
    }

    /// What means this function and no other, where there is such a thing.
    private func path(of function: FunctionConfiguration) -> String {
        func relative(_ path: String) -> String { File.path(path, from: ThisProcess.folder) }
        if function.source.hasPrefix(function.root + "/plugin.y") { return relative(function.root) }
        // What is neither a manifest nor code is a template.
        let isTemplate = [".yaml", ".yml", ".json"].contains { function.source.hasSuffix($0) }
        return isTemplate ? "\(relative(function.source)):\(function.name)" : target
    }
}

extension PayloadArgument {
    /// As somebody types it among several.
    fileprivate var typed: String {
        switch self {
        case .empty: "{}"
        case .text(let text): text
        case .file(let path): path
        case .standardInput: "-"
        case .sample(let source): source.name
        }
    }
}
