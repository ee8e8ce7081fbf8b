/// How many lives may use the machine at once: who wants to go on waits for a turn, and gives it back while it sleeps.
actor Turns {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { free = max(count, 1) }

    /// Waits for a turn, does `body` and gives the turn back, however that ends.
    ///
    /// - Throws: what `body` throws.
    nonisolated func withTurn<Result: Sendable>(_ body: () async throws -> Result) async rethrows -> Result {
        await take()
        return try await endingTurn(body)
    }

    /// Does `body` with a turn that the caller has taken, and gives it back, however that ends.
    ///
    /// - Throws: what `body` throws.
    nonisolated func endingTurn<Result: Sendable>(_ body: () async throws -> Result) async rethrows -> Result {
        do {
            let result = try await body()
            await giveBack()
            return result
        } catch {
            await giveBack()
            throw error
        }
    }

    /// Gives a turn back for as long as `body`, which only waits, takes.
    ///
    /// - Throws: what `body` throws.
    nonisolated func withoutTurn(_ body: () async throws -> Void) async rethrows {
        await giveBack()
        do {
            try await body()
        } catch {
            await take()
            throw error
        }
        await take()
    }

    /// Waits for a turn, which the caller has to end; those that have waited longest are first.
    func take() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    private func giveBack() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
