import LoopOS

/// Looks at Python code without running it, as far as lines tell.
enum PythonSource {
    /// A file's text; what is not UTF-8 is replaced, because Python knows other encodings.
    ///
    /// - Throws: when it cannot be read.
    static func text(of path: String) throws(SystemFailure) -> String {
        String(decoding: try File.read(path), as: UTF8.self)
    }

    /// Whether a module's text may come to a name in a way that lines do not tell for certain: in a branch, from
    /// another module, or from whatever another module has.
    static func mayDefine(_ name: String, in text: String) -> Bool {
        if importedNames(in: text).contains(where: { $0 == name || $0 == "*" }) { return true }
        return text.split(separator: "\n").contains { line in
            let line = line.drop(while: \.isWhitespace)
            return ["def \(name)(", "async def \(name)(", "\(name) = "].contains(where: line.hasPrefix)
                || line.prefix { $0 != "#" }.split { $0.isWhitespace || $0 == "," } == [name[...]]
        }
    }

    /// The functions, classes and variables that a module's text defines at its top level, in their order.
    static func topLevelNames(in text: String) -> [String] {
        var names: [String] = []
        for line in text.split(separator: "\n") {
            var rest = line[...]
            for word in ["async def ", "def ", "class "] where rest.hasPrefix(word) {
                rest = rest.dropFirst(word.count)
            }
            let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            guard let first = name.first, !first.isNumber else { continue }
            let after = rest.dropFirst(name.count).drop(while: \.isWhitespace)
            let isSet = after.hasPrefix("=") && !after.hasPrefix("==")
            let isKeyword = ["try", "else", "finally"].contains(name)
            let isAnnotated = after.hasPrefix(":") && after.contains(" = ") && !isKeyword
            let isDefined = rest.startIndex != line.startIndex || isSet || isAnnotated
            if isDefined, !names.contains(String(name)) { names.append(String(name)) }
        }
        return names
    }
}
