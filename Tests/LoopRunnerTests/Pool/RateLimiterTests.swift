import LoopModel
import Testing

@testable import LoopRunner

@Suite("A rate limiter") struct RateLimiterTests {
    private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    @Test("gives all of a period at once, then one after the other")
    func burst() {
        var limiter = RateLimiter(4, per: .milliseconds(100))
        for _ in 0..<4 { #expect(limiter.take(at: at(1000)) == true) }
        #expect(limiter.take(at: at(1000)) == false)
        #expect(limiter.nextToken == at(1025))
        #expect(limiter.take(at: at(1024)) == false)
        #expect(limiter.take(at: at(1025)) == true)
        #expect(limiter.take(at: at(1049)) == false)
        #expect(limiter.take(at: at(1050)) == true)
    }

    @Test("is full again after a period, and never fuller than that")
    func refill() {
        var limiter = RateLimiter(4, per: .milliseconds(100))
        for _ in 0..<4 { _ = limiter.take(at: at(0)) }
        var given = 0
        while limiter.take(at: at(100_000)) { given += 1 }
        #expect(given == 4)
    }

    @Test("gives AWS Lambda's 1,000 environments at once, and 100 a second from then on")
    func lambda() {
        var limiter = RateLimiter(1000, per: .seconds(10))
        var given = 0
        while limiter.take(at: at(0)) { given += 1 }
        #expect(given == 1000)
        for millisecond in Int64(1)...1000 where limiter.take(at: at(millisecond)) { given += 1 }
        #expect(given == 1100)
    }

    @Test("refusing costs nothing")
    func refusing() {
        var limiter = RateLimiter(1, per: .milliseconds(100))
        #expect(limiter.take(at: at(0)) == true)
        for millisecond in Int64(1)..<100 { #expect(limiter.take(at: at(millisecond)) == false) }
        #expect(limiter.take(at: at(100)) == true)
    }
}
