import LoopOS

/// A path as the daemon can use it, whose working directory is another.
struct AbsolutePath {
    let text: String

    /// - Throws: ``CommandFailure/unreadable(_:)`` when there is nothing there.
    init(of path: String) throws(CommandFailure) {
        do {
            text = try File.absolutePath(path)
        } catch {
            throw .unreadable(error)
        }
    }
}
