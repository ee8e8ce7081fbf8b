internal import CLoopOS
internal import Glibc

/// A lock that one process at a time can hold, and that the kernel frees when it dies in whatever way.
package final class LockFile: Sendable {
    private let descriptor: Int32

    /// - Parameter path: of a file, which is made where missing and never removed; it holds the number of the process
    ///   that has the lock, for people.
    /// - Throws: ``LockFailure/held(path:by:)`` when another process has it.
    package init(_ path: String) throws(LockFailure) {
        let open: Int32
        do throws(SystemFailure) {
            open = try system("open", path) { Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }
        } catch {
            throw .system(error)
        }
        do throws(SystemFailure) {
            try system("flock", path) { flock(open, LOCK_EX | LOCK_NB) }
            try system("ftruncate", path) { ftruncate(open, 0) }
            try Descriptor.writeAll("\(getpid())\n".utf8, to: open)
        } catch {
            let holder = (try? Descriptor.read(open, upTo: 32)).flatMap { bytes in
                Int32(String(decoding: bytes.prefix { (48...57).contains($0) }, as: UTF8.self))
            }
            Descriptor.close(open)
            throw error.code == EWOULDBLOCK ? .held(path: path, by: holder) : .system(error)
        }
        descriptor = open
    }

    deinit { Descriptor.close(descriptor) }
}

/// Why a lock could not be had.
package enum LockFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The number is nil where the holder has not written it yet.
    case held(path: String, by: Int32?)
    case system(SystemFailure)

    package var description: String {
        switch self {
        case .held(let path, let process):
            "\(path) is locked by \(process.map { "process \($0)" } ?? "another process")"
        case .system(let failure): "\(failure)"
        }
    }
}
