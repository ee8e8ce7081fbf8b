internal import CLoopOS
internal import Glibc

/// A thread of its own, for work that blocks or whose thread matters to the kernel.
package enum PosixThread {
    /// Starts a thread that runs `body` and ends.
    ///
    /// - Parameters:
    ///   - name: shown by tools; Linux keeps the first 15 bytes.
    ///   - body: what the thread does.
    /// - Returns: what ``join(_:)`` needs; a thread that is never joined costs its stack until the process ends.
    /// - Throws: when the system has no thread left.
    @discardableResult
    package static func start(
        named name: String,
        _ body: @escaping @Sendable () -> Void
    ) throws(SystemFailure) -> Handle {
        var thread = pthread_t()
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        let code = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                loop_name_thread(String(decoding: start.name.utf8.prefix(15), as: UTF8.self))
                start.body()
                return nil
            },
            start.toOpaque()
        )
        guard code == 0 else {
            start.release()
            throw SystemFailure(call: "pthread_create", code: code, context: name)
        }
        return Handle(thread: thread)
    }

    /// Waits for the end of a thread; at most once for each.
    package static func join(_ handle: Handle) { pthread_join(handle.thread, nil) }

    /// Names a running thread.
    package struct Handle: Sendable {
        fileprivate let thread: pthread_t
    }

    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
