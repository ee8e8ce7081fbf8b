internal import CLoopOS
internal import Glibc

/// Calls on file descriptors; whoever gets one from here owns it and closes it.
package enum Descriptor {
    package static func close(_ descriptor: Int32) {
        // Not repeated after EINTR: on Linux the number is free again either way.
        _ = Glibc.close(descriptor)
    }

    /// A pipe whose reading end does not block; both ends are closed on exec.
    package static func pipe() throws(SystemFailure) -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        try system("pipe2") { loop_pipe(&ends) }
        try setNonBlocking(ends[0])
        return (ends[0], ends[1])
    }

    package static func setNonBlocking(_ descriptor: Int32) throws(SystemFailure) {
        let flags = try system("fcntl") { loop_fcntl(descriptor, F_GETFL, 0) }
        try system("fcntl") { loop_fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) }
    }

    package static func setCloseOnExec(_ descriptor: Int32) throws(SystemFailure) {
        try system("fcntl") { loop_fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    }

    /// Opens a file for reading.
    package static func openForReading(_ path: String) throws(SystemFailure) -> Int32 {
        try system("open", path) { open(path, O_RDONLY | O_CLOEXEC) }
    }

    /// Opens a file that is there for writing.
    package static func openForWriting(_ path: String) throws(SystemFailure) -> Int32 {
        try system("open", path) { open(path, O_WRONLY | O_CLOEXEC) }
    }

    /// Reads once; an empty array at the end.
    package static func read(_ descriptor: Int32, upTo count: Int) throws(SystemFailure) -> [UInt8] {
        var failure: SystemFailure?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(SystemFailure) {
                filled = try system("read") { Glibc.read(descriptor, buffer.baseAddress, count) }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Writes everything; for files and blocking descriptors.
    package static func writeAll(_ bytes: some Sequence<UInt8>, to descriptor: Int32) throws(SystemFailure) {
        var rest = ArraySlice(Array(bytes))
        while !rest.isEmpty {
            let written = try system("write") { rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } }
            rest = rest.dropFirst(written)
        }
    }

    /// How many descriptors this process has open; nil where /proc is not mounted.
    package static func countOpen() -> Int? {
        // One of them is the folder itself, open for the reading.
        (try? Folder.entries(of: "/proc/self/fd")).map { $0.count - 1 }
    }
}
