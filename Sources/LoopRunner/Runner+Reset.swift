internal import LoopModel
internal import LoopOS

// After a timeout or a crash AWS Lambda resets an environment: its next invocation finds a new process, and the files
// that the old one has left (facts: lambda §3).

extension Runner {
    /// The place in which a new environment goes on.
    ///
    /// - Parameters:
    ///   - cause: why it is started.
    ///   - pool: its function's.
    /// - Returns: that of one which was reset; nil: it has one of its own.
    func keptPlace(_ cause: ColdStartCause, in pool: FunctionPool) -> EnvironmentPlace? {
        guard cause != .requested else { return nil }
        while let place = pool.places.popLast() {
            // On AWS Lambda other code is in other environments.
            if place.files.allSatisfy(\.isUnchanged) { return place }
            remove(place)
        }
        return nil
    }

    /// Tells an environment that is being started in whose place it is.
    func goOn(_ environment: RunningEnvironment, for ticket: PoolStateMachine.Ticket?) {
        let (place, pool) = (environment.place, environment.pool)
        environment.record.predecessor = place.last
        environment.record.inheritedLogStream = place.logStream
        environment.ticket = ticket
        let invocation = ticket.flatMap { pool.waiting[$0] }
        environment.attempts = InitAttempts(
            areRepeated: repeatsInit(of: environment.configuration, for: invocation),
            // What nobody waits for has no time but its own.
            isReset: place.last != nil && invocation != nil
        )
    }

    /// Keeps the place of an environment that was reset for the next; gives up that of one which has ended for good.
    func vacate(_ environment: RunningEnvironment) {
        let pool = environment.pool
        guard environment.end?.isReset == true, shutdownState == nil, pools[environment.record.function] === pool,
            pool.configuration == environment.configuration
        else {
            remove(environment.place)
            return
        }
        var place = environment.place
        place.last = environment.record.id
        place.logStream = environment.record.logStream
        place.files = environment.files
        place.expiresAt = clock.now() + pool.machine.limits.keepAlive
        pool.places.append(place)
        ring(at: clock.machineTime(of: place.expiresAt))
    }

    /// Gives up the places that nobody has taken within the time for which idle environments are kept.
    ///
    /// - Returns: when there is something to be done next, by the machine's clock.
    func giveUpPlaces(of pool: FunctionPool) -> Instant? {
        let now = clock.now()
        while let place = pool.places.first, place.expiresAt <= now { remove(pool.places.removeFirst()) }
        return pool.places.first.map { clock.machineTime(of: $0.expiresAt) }
    }

    /// Gives up all places of a function.
    func removePlaces(of pool: FunctionPool) {
        for place in pool.places { remove(place) }
        pool.places = []
    }

    private func remove(_ place: EnvironmentPlace) {
        helper.run { if FileStamp(path: place.scratch) != nil { try? Folder.removeAll(place.scratch) } }
    }
}
