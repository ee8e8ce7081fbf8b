import LoopRunner

/// What came to Python's own library, and what went from it, in the versions that handlers are run on.
///
/// Source: “What's New in Python” of each version.
enum PythonModules {
    /// By the minor version of 3.x that has them first.
    private static let added: [Int: [String]] = [9: ["zoneinfo", "graphlib"], 11: ["tomllib"], 14: ["annotationlib"]]

    /// By the minor version of 3.x that no longer has them.
    private static let removed: [Int: [String]] = [
        9: ["dummy_threading"],
        10: ["formatter", "parser", "symbol"],
        11: ["binhex"],
        12: ["asynchat", "asyncore", "distutils", "imp", "smtpd"],
        13: [
            "aifc", "audioop", "cgi", "cgitb", "chunk", "crypt", "imghdr", "lib2to3", "mailcap", "msilib", "nis",
            "nntplib", "ossaudiodev", "pipes", "sndhdr", "spwd", "sunau", "telnetlib", "uu", "xdrlib",
        ],
    ]

    /// Why a version lacks a module that others have; nil when it is none of Python's.
    static func change(of module: String, in version: PythonVersion) -> String? {
        guard version.major == 3 else { return nil }
        if let (minor, _) = added.first(where: { $0.value.contains(module) }), version.minor < minor {
            return "“\(module)” came with Python 3.\(minor); this is \(version)."
        }
        if let (minor, _) = removed.first(where: { $0.value.contains(module) }), version.minor >= minor {
            return "“\(module)” was taken out of Python 3.\(minor); this is \(version)."
        }
        return nil
    }
}
