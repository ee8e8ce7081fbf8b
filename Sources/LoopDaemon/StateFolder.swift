import LoopOS

/// The folder that holds all that a daemon keeps.
enum StateFolder {
    /// Makes it where missing, and takes its lock.
    ///
    /// - Returns: The lock; held as long as the value lives.
    static func prepare(_ settings: Settings) throws(DaemonFailure) -> LockFile {
        do {
            try makeAll(settings.state, mode: 0o700)
            try makeAll(runtime(settings), mode: 0o700)
        } catch {
            throw .folder("\(error)")
        }
        do {
            return try LockFile("\(settings.state)/lock")
        } catch {
            switch error {
            case .held(_, let process): throw .alreadyRunning(state: settings.state, process: process)
            case .system(let failure): throw .folder("\(failure)")
            }
        }
    }

    /// Where the workers' socket and the scratch folders of environments are.
    ///
    /// In the state folder, unless a socket's path there would be too long for the kernel.
    static func runtime(_ settings: Settings) -> String {
        let inside = "\(settings.state)/run"
        guard inside.utf8.count > UnixSocket.longestPath - 40 else { return inside }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in settings.state.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return "/tmp/loopwarden-\(ThisProcess.effectiveUser)-\(String(hash, radix: 36))"
    }

    /// Makes a folder and those above it.
    static func makeAll(_ path: String, mode: UInt32) throws(SystemFailure) {
        var made = ""
        let parts = path.split(separator: "/")
        for (index, part) in parts.enumerated() {
            made += "/\(part)"
            if FileStamp(path: made)?.isFolder == true { continue }
            try Folder.make(made, mode: index == parts.count - 1 ? mode : 0o755)
        }
    }
}
