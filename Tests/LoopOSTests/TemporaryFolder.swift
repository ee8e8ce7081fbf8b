import LoopOS

/// A folder of its own for a test, removed with it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = "/tmp/loopwarden-test-\(UInt64.random(in: 0 ... .max))"
        try Folder.make(path)
    }

    deinit { try? Folder.removeAll(path) }
}
