internal import Glibc

/// A file that has no name: gone when its descriptor is closed, whatever happens to the process.
package final class AnonymousFile: Sendable {
    package let descriptor: Int32

    /// Makes one with this content, to be read from its beginning.
    ///
    /// - Throws: when no file can be made in `/tmp`.
    package init(_ content: some Sequence<UInt8> = []) throws(SystemFailure) {
        var template = Array("/tmp/loopwarden.XXXXXX".utf8CString)
        descriptor = try system("mkstemp") { mkstemp(&template) }
        unlink(template)
        try Descriptor.setCloseOnExec(descriptor)
        try Descriptor.writeAll(content, to: descriptor)
        try rewind()
    }

    deinit { Descriptor.close(descriptor) }

    /// The first bytes of what is in it, at most so many.
    package func read(upTo count: Int) throws(SystemFailure) -> [UInt8] {
        try rewind()
        return try Descriptor.read(descriptor, upTo: count)
    }

    private func rewind() throws(SystemFailure) { try system("lseek") { lseek(descriptor, 0, SEEK_SET) } }
}
