import Glibc
import LoopOS
import Testing

@Suite("A mailbox")
struct MailboxTests {
    /// Longer than anything here takes, in nanoseconds.
    private static let ages: Int64 = 60_000_000_000

    /// What the receiver got, message by message, when the mailbox is closed.
    private func received(patience: Int64, _ send: (Mailbox<Int>) throws -> Void) throws -> [Int] {
        let mailbox = Mailbox<Int>()
        let got = Locked<[Int]>([])
        let end = Mailbox<Void>()
        try PosixThread.start(named: "receiver") {
            while let messages = mailbox.receiveAll(patience: patience) { got.withLock { $0 += messages } }
            end.send((), isUrgent: true)
        }
        try send(mailbox)
        mailbox.close()
        _ = end.receiveAll(patience: 0)
        return got.withLock(\.self)
    }

    private func waitUntilEmpty(_ mailbox: Mailbox<Int>) { while mailbox.count > 0 { usleep(100) } }

    @Test("hands on everything, in order", .timeLimit(.minutes(1)))
    func order() throws {
        let messages = try received(patience: 1000) { mailbox in
            for number in 0..<10_000 { mailbox.send(number, isUrgent: number % 3 == 0) }
        }
        #expect(messages == Array(0..<10_000))
    }

    @Test("does not keep what is urgent, whatever its receiver's patience", .timeLimit(.minutes(1)))
    func urgent() throws {
        _ = try received(patience: Self.ages) { mailbox in
            for number in 0..<100 {
                mailbox.send(number, isUrgent: false)
                mailbox.send(number, isUrgent: true)
                waitUntilEmpty(mailbox)
            }
        }
    }

    @Test("keeps what nobody waits for until it is hurried", .timeLimit(.minutes(1)))
    func hurried() throws {
        _ = try received(patience: Self.ages) { mailbox in
            for number in 0..<100 {
                mailbox.send(number, isUrgent: false)
                #expect(mailbox.count == 1)
                mailbox.hurry()
                waitUntilEmpty(mailbox)
            }
        }
    }

    @Test("hands on what nobody waits for when its receiver's patience ends", .timeLimit(.minutes(1)))
    func patient() throws {
        _ = try received(patience: 1_000_000) { mailbox in
            for number in 0..<20 {
                mailbox.send(number, isUrgent: false)
                waitUntilEmpty(mailbox)
                // Once while it sleeps lightly, and once when it does firmly.
                if number % 2 == 0 { usleep(5000) }
            }
        }
    }

    @Test("takes nothing when it is closed")
    func closed() {
        let mailbox = Mailbox<Int>()
        #expect(mailbox.send(1, isUrgent: false))
        mailbox.close()
        #expect(!mailbox.send(2, isUrgent: true))
        #expect(mailbox.receiveAll(patience: Self.ages) == [1])
        #expect(mailbox.receiveAll(patience: Self.ages) == nil)
    }
}
