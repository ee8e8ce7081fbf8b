import Foundation

/// A folder that exists while `body` runs.
func withTemporaryFolder<Result>(
    _ body: (String) async throws -> Result
) async throws -> Result {
    // Short, because sockets live in it: a socket's path has at most 107 bytes.
    let path = "/tmp/lw-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

/// Writes files below a folder, making the folders between.
func write(_ files: [String: String], below folder: String) throws {
    for (name, text) in files {
        let url = URL(filePath: "\(folder)/\(name)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }
}
