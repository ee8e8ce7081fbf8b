import Glibc
import LoopOS
import Testing

/// In processes of their own, because they change the environment and the signals of the whole process.
@Suite("The service manager", .timeLimit(.minutes(1))) struct ServiceManagerTests {
    @Test("is told what the service says, at a path and at an abstract address", arguments: ["path", "@abstract"])
    func notify(kind: String) async throws {
        await #expect(processExitsWith: .success) { [kind] in
            let address = "\(kind == "path" ? "/tmp/" : "@")loopwarden-notify-\(getpid())"
            let receiver = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            var name = sockaddr_un()
            name.sun_family = sa_family_t(AF_UNIX)
            var bytes = Array(address.utf8)
            if kind != "path" { bytes[0] = 0 }
            withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
            let length = socklen_t(2 + bytes.count)
            let bound = withUnsafePointer(to: &name) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(receiver, $0, length) }
            }
            #expect(bound == 0)
            setenv("NOTIFY_SOCKET", address, 1)
            setenv("WATCHDOG_USEC", "2000000", 1)
            let manager = ServiceManager.takeFromEnvironment()
            #expect(getenv("NOTIFY_SOCKET") == nil)
            #expect(manager.watchdogInterval == .seconds(2))
            #expect(manager.notify("READY=1\nSTATUS=up"))
            let message = try Descriptor.read(receiver, upTo: 100)
            #expect(message == Array("READY=1\nSTATUS=up".utf8))
            unlink(address)
        }
    }

    @Test("hands over its sockets by name, but only to the process that they are meant for")
    func sockets() async {
        await #expect(processExitsWith: .success) {
            setenv("LISTEN_FDS", "2", 1)
            setenv("LISTEN_FDNAMES", "api:lambda", 1)
            setenv("LISTEN_PID", "\(getpid())", 1)
            let mine = ServiceManager.takeFromEnvironment()
            #expect(mine.sockets.map(\.descriptor) == [3, 4])
            #expect(mine.sockets.map(\.name) == ["api", "lambda"])
            #expect(ServiceManager.takeFromEnvironment().sockets.isEmpty)
            setenv("LISTEN_FDS", "2", 1)
            setenv("LISTEN_PID", "1", 1)
            let others = ServiceManager.takeFromEnvironment()
            #expect(others.sockets.isEmpty)
            #expect(!others.notify("READY=1"))
        }
    }
}
