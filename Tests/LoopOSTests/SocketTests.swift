import LoopOS
import Testing

@Suite("Unix sockets", .timeLimit(.minutes(1))) struct SocketTests {
    let folder: TemporaryFolder
    var path: String { folder.path + "/socket" }
    var soon: Int64 { MonotonicClock.nanoseconds() + 5_000_000_000 }

    init() throws { folder = try TemporaryFolder() }

    @Test("take the place of a file that a dead process left, and not that of a living one")
    func takeover() throws {
        let first = try UnixSocket.listen(path, mode: 0o600)
        #expect(throws: SocketFailure.inUse(path)) { try UnixSocket.listen(path, mode: 0o600) }
        Descriptor.close(first)
        #expect(FileStamp(path: path) != nil)
        #expect(throws: SocketFailure.notListening(path)) { try UnixSocket.connect(path, by: soon) }
        let second = try UnixSocket.listen(path, mode: 0o600)
        #expect(UnixSocket.isListening(path))
        Descriptor.close(second)
        #expect(try Folder.entries(of: folder.path) == ["socket"])
    }

    @Test("have paths that fit into the kernel's address")
    func length() throws {
        let long = folder.path + "/" + String(repeating: "x", count: 107)
        #expect(throws: SocketFailure.pathTooLong(long)) { try UnixSocket.listen(long, mode: 0o600) }
        #expect(throws: SocketFailure.pathTooLong(long)) { try UnixSocket.connect(long, by: soon) }
    }

    @Test("end a read at its deadline")
    func client() throws {
        let listener = try UnixSocket.listen(path, mode: 0o600)
        defer { Descriptor.close(listener) }
        let stream = try UnixStream(path: path, by: soon)
        try stream.write(Array("hello".utf8), by: soon)
        #expect(throws: SocketFailure.timedOut(path)) { try stream.read(by: MonotonicClock.nanoseconds()) }
    }

    @Test("A lock is held by one and says by whom")
    func lock() throws {
        let lock = try LockFile(folder.path + "/lock")
        #expect(throws: LockFailure.held(path: folder.path + "/lock", by: ThisProcess.identifier)) {
            try LockFile(folder.path + "/lock")
        }
        withExtendedLifetime(lock) {}
    }
}

@Suite("Files") struct FileTests {
    @Test("A stamp changes with the file")
    func stamp() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/file"
        #expect(FileStamp(path: path) == nil)
        try File.write("one".utf8, to: path)
        let first = FileStamp(path: path)
        #expect(first?.size == 3)
        #expect(FileStamp(path: path) == first)
        try File.write("three".utf8, to: path)
        #expect(FileStamp(path: path) != first)
        #expect(try File.read(path) == Array("three".utf8))
    }

    @Test("A sparse file has its size and takes no room")
    func sparse() throws {
        let folder = try TemporaryFolder()
        try File.makeSparse(folder.path + "/journal", size: 4 << 20)
        #expect(FileStamp(path: folder.path + "/journal")?.size == 4 << 20)
    }
}
