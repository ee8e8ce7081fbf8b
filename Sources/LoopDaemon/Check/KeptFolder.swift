import LoopOS

/// What is kept from one check to the next: `loopwarden` in the user's cache folder.
enum KeptFolder {
    /// Where something is kept; made when it is not there.
    ///
    /// - Parameter name: of a folder in it; nil: itself.
    /// - Returns: nil where there is no such place.
    static func path(_ name: String? = nil) -> String? {
        let environment = ThisProcess.environment
        guard let cache = environment["XDG_CACHE_HOME"] ?? environment["HOME"].map({ "\($0)/.cache" }),
            cache.hasPrefix("/")
        else { return nil }
        let folder = ([cache, "loopwarden"] + [name].compactMap(\.self)).joined(separator: "/")
        try? StateFolder.makeAll(folder, mode: 0o700)
        // One that somebody else may write to is no place for code.
        return FileStamp(path: folder)?.isFolder == true && File.isPrivate(folder) ? folder : nil
    }
}
