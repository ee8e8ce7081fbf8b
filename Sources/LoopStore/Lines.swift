/// A list of texts in one column: each on lines of its own, with the line feeds and backslashes within it escaped.
enum Lines {
    static func joined(_ texts: [String]) -> String {
        // An empty list is an empty text, so each text has its line feed, the last one too.
        texts.map { escaped($0) + "\n" }.joined()
    }

    static func split(_ text: String) -> [String] {
        var texts: [String] = []
        var current: [Unicode.Scalar] = []
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                current.append(scalar == "n" ? "\n" : scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else if scalar == "\n" {
                texts.append(string(current))
                current = []
            } else {
                current.append(scalar)
            }
        }
        return texts
    }

    private static func escaped(_ text: String) -> String {
        string(
            text.unicodeScalars.flatMap { scalar -> [Unicode.Scalar] in
                switch scalar {
                case "\n": ["\\", "n"]
                case "\\": ["\\", "\\"]
                default: [scalar]
                }
            }
        )
    }

    private static func string(_ scalars: [Unicode.Scalar]) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}
