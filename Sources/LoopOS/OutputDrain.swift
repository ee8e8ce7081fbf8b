internal import Glibc

/// The reading end of a process's output: always drained, never kept whole.
package final class OutputDrain: Sendable {
    private struct State {
        var descriptor: Int32?
        var limit = BoundedOutput.usualLimit
        var kept = BoundedOutput()
        var listener: Listener?
    }

    /// Given what was read as it comes, with the time in nanoseconds since 1970-01-01 UTC; must be quick.
    package typealias Listener = @Sendable (_ bytes: UnsafeRawBufferPointer, _ at: Int64) -> Void

    private let state: Locked<State>

    /// - Parameter descriptor: does not block; closed by this object.
    init(descriptor: Int32) { state = Locked(State(descriptor: descriptor)) }

    deinit {
        if let descriptor = state.withLock({ $0.descriptor }) { Descriptor.close(descriptor) }
    }

    /// Says how much is to be kept from the next ``take()`` on, in bytes, and who is to be told what comes.
    ///
    /// To be called before anything was printed, or something may be told to nobody.
    package func keep(_ limit: Int, listener: Listener? = nil) {
        state.withLock { state in
            state.limit = limit
            state.listener = listener
            if state.kept.isEmpty { state.kept = BoundedOutput(limit: limit) }
        }
    }

    /// Reads what is there now and hands out everything since the last call.
    ///
    /// What was printed before the worker's answer is in the pipe before the answer is in its socket, so a call after
    /// the answer sees all of it.
    package func take() -> BoundedOutput {
        state.withLock { state in
            Self.drain(&state, atMost: Self.mostAtOnce)
            defer { state.kept = BoundedOutput(limit: state.limit) }
            return state.kept
        }
    }

    /// The descriptor to watch; for the watcher alone.
    var watched: Int32? { state.withLock { $0.descriptor } }

    /// Reads what is there now, but no more than a flood can refill for ever.
    ///
    /// - Returns: false at the end of the output.
    func drain() -> Bool {
        state.withLock { state in
            Self.drain(&state, atMost: Self.mostAtOnce)
            return state.descriptor != nil
        }
    }

    /// Gives up the descriptor, even if some process still holds the other end.
    func close() {
        state.withLock { state in
            Self.drain(&state, atMost: Self.mostAtOnce)
            if let descriptor = state.descriptor { Descriptor.close(descriptor) }
            state.descriptor = nil
        }
    }

    /// In bytes: sixteen times what a pipe holds.
    private static let mostAtOnce = 1 << 20

    private static func drain(_ state: inout State, atMost limit: Int) {
        guard let descriptor = state.descriptor else { return }
        var total = 0
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { buffer in
            while total < limit {
                let count = read(descriptor, buffer.baseAddress, buffer.count)
                if count > 0 {
                    let (bytes, now) = (UnsafeRawBufferPointer(rebasing: buffer[..<count]), WallClock.nanoseconds())
                    state.kept.append(bytes, at: now)
                    state.listener?(bytes, now)
                    total += count
                    // A short read says that the pipe is empty: one call saved in the usual case.
                    if count < buffer.count { return }
                } else if count == 0 || errno != EAGAIN && errno != EINTR {
                    Descriptor.close(descriptor)
                    state.descriptor = nil
                    return
                } else if errno == EAGAIN {
                    return
                }
            }
        }
    }
}
