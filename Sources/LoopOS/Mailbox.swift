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
    /// Whether the receiver sleeps until it is woken, and will not look for itself.
    private var sleepsFirmly = false

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
        guard !isClosed else {
            pthread_mutex_unlock(mutex)
            return false
        }
        messages.append(message)
        // The first message of any kind wakes a receiver that sleeps firmly, which then counts the time for the patient
        // ones; one that sleeps lightly counts it already.
        let wakes = isUrgent && !self.isUrgent || sleepsFirmly && messages.count == 1
        self.isUrgent = self.isUrgent || isUrgent
        pthread_mutex_unlock(mutex)
        // Not before: it would wake only to wait for the lock.
        if wakes { pthread_cond_signal(arrival) }
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

    /// Makes what was sent urgent, if it was not.
    package func hurry() {
        pthread_mutex_lock(mutex)
        let wakes = !isUrgent && !messages.isEmpty
        isUrgent = isUrgent || wakes
        pthread_mutex_unlock(mutex)
        if wakes { pthread_cond_signal(arrival) }
    }

    /// Waits for messages and takes all there are.
    ///
    /// - Parameter patience: How long messages that nobody waits for may lie, in nanoseconds.
    /// - Returns: The messages in the order they were sent; nil once closed and empty.
    package func receiveAll(patience: Int64) -> [Message]? {
        while wait(patience: patience) {
            let messages = takeAll()
            if !messages.isEmpty { return messages }
        }
        return nil
    }

    /// Takes all messages there are, in the order they were sent.
    package func takeAll() -> [Message] {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        isUrgent = false
        defer { messages = [] }
        return messages
    }

    /// Waits until there are messages to be taken, which somebody else may do first.
    ///
    /// For as long as its patience after the last time it sleeps lightly: who sends what nobody waits for need not wake
    /// it, which while messages keep coming is one wake-up less for each.
    ///
    /// - Parameter patience: How long messages that nobody waits for may lie, in nanoseconds.
    /// - Returns: false once closed and empty.
    package func wait(patience: Int64) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        var limit = Self.deadline(after: patience)
        while !isUrgent, !isClosed {
            guard pthread_cond_timedwait(arrival, mutex, &limit) == ETIMEDOUT else { continue }
            if !messages.isEmpty { break }
            sleepsFirmly = true
            while messages.isEmpty, !isClosed { pthread_cond_wait(arrival, mutex) }
            sleepsFirmly = false
            limit = Self.deadline(after: patience)
        }
        return !(messages.isEmpty && isClosed)
    }

    /// On the monotonic clock.
    private static func deadline(after nanoseconds: Int64) -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let sum = Int64(time.tv_nsec) + nanoseconds
        time.tv_sec += Int(sum / 1_000_000_000)
        time.tv_nsec = Int(sum % 1_000_000_000)
        return time
    }
}
