import Glibc

/// Messages for one thread that does blocking work: any thread sends, one thread receives all there are at once.
///
/// Not an `AsyncStream`, because the receiver is a thread of its own that may block in SQLite, and because what gathers
/// while it works is what makes its next commit a group.
package final class Mailbox<Message: Sendable>: @unchecked Sendable {
    // Safety: every access to the fields below is made with `mutex` held.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let arrival: UnsafeMutablePointer<pthread_cond_t>
    private var messages: [Message] = []
    private var isUrgent = false
    private var isClosed = false

    package init() {
        mutex = .allocate(capacity: 1)
        arrival = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(arrival, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(arrival)
        pthread_mutex_destroy(mutex)
        arrival.deallocate()
        mutex.deallocate()
    }

    /// Adds a message.
    ///
    /// - Parameters:
    ///   - message: What the receiver gets.
    ///   - isUrgent: Whether someone waits for it. What is not urgent may lie until something urgent comes, or until
    ///     the receiver's patience ends.
    /// - Returns: false when the mailbox was closed, and the message is not taken.
    @discardableResult
    package func send(_ message: Message, isUrgent: Bool) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !isClosed else { return false }
        messages.append(message)
        // The first message of any kind wakes the receiver, which then counts the time for the patient ones.
        if isUrgent && !self.isUrgent || messages.count == 1 { pthread_cond_signal(arrival) }
        self.isUrgent = self.isUrgent || isUrgent
        return true
    }

    /// How many messages wait.
    package var count: Int {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return messages.count
    }

    /// No more messages are taken; those there are can still be received.
    package func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_cond_broadcast(arrival)
        pthread_mutex_unlock(mutex)
    }

    /// Waits for messages and takes all there are.
    ///
    /// - Parameter patience: How long messages that nobody waits for may lie, in nanoseconds.
    /// - Returns: The messages in the order they were sent; nil once closed and empty.
    package func receiveAll(patience: Int64) -> [Message]? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while messages.isEmpty {
            if isClosed { return nil }
            pthread_cond_wait(arrival, mutex)
        }
        var limit = timespec()
        clock_gettime(CLOCK_MONOTONIC, &limit)
        let nanoseconds = Int64(limit.tv_nsec) + patience
        limit.tv_sec += Int(nanoseconds / 1_000_000_000)
        limit.tv_nsec = Int(nanoseconds % 1_000_000_000)
        while !isUrgent, !isClosed {
            if pthread_cond_timedwait(arrival, mutex, &limit) == ETIMEDOUT { break }
        }
        isUrgent = false
        defer { messages = [] }
        return messages
    }
}
