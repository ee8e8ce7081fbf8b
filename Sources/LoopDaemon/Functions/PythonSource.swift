/// Looks at Python code without running it, as far as lines tell.
enum PythonSource {
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
