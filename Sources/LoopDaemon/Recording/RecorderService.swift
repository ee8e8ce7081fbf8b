import LoopOS
import ServiceLifecycle

/// Gives the recorder its thread, and lets it finish what was sent before the daemon ends.
struct RecorderService: Service {
    private let recorder: Recorder

    init(_ recorder: Recorder) { self.recorder = recorder }

    func run() async throws {
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                do {
                    try PosixThread.start(named: "recorder") {
                        recorder.work()
                        continuation.resume()
                    }
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        } onCancelOrGracefulShutdown: {
            recorder.close()
        }
    }
}
