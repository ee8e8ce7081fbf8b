import Foundation
import Testing

/// A rendering that was looked at once and must not change unseen.
///
/// With `LOOPWARDEN_REWRITE_GOLDEN=1` in the environment the files are written instead; look at the difference.
struct GoldenFile {
    static let isRewriting = ProcessInfo.processInfo.environment["LOOPWARDEN_REWRITE_GOLDEN"] == "1"

    let name: String

    private var location: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(name)")
    }

    func expect(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        if Self.isRewriting { return try Data(text.utf8).write(to: location) }
        let expected = String(decoding: try Data(contentsOf: location), as: UTF8.self)
        #expect(text == expected, "\(name) is rendered differently", sourceLocation: sourceLocation)
    }
}
