internal import LoopModel

extension ChangeWriter {
    static let insertLoopSQL = """
        INSERT INTO loop (className, descriptors, createdBy, runs, isRunning, closedBy, usesAfterClose, ranInOrdinal, openAtEndOf,
            wasRunningAtEnd, isHeldByGlobal, createdMonotonic, createdPhase, createdOrdinal, createdFollowing,
            createdThread, createdSite, firstRanMonotonic, firstRanPhase, firstRanOrdinal, firstRanFollowing,
            firstRanThread, firstRanSite, lastRanMonotonic, lastRanPhase, lastRanOrdinal, lastRanFollowing,
            lastRanThread, lastRanSite, slotSetMonotonic, slotSetPhase, slotSetOrdinal, slotSetFollowing,
            slotSetThread, slotSetSite, leftInSlotMonotonic, leftInSlotPhase, leftInSlotOrdinal, leftInSlotFollowing,
            leftInSlotThread, leftInSlotSite, stoppedMonotonic, stoppedPhase, stoppedOrdinal, stoppedFollowing,
            stoppedThread, stoppedSite, asyncgensShutdownMonotonic, asyncgensShutdownPhase, asyncgensShutdownOrdinal,
            asyncgensShutdownFollowing, asyncgensShutdownThread, asyncgensShutdownSite, executorShutdownMonotonic,
            executorShutdownPhase, executorShutdownOrdinal, executorShutdownFollowing, executorShutdownThread,
            executorShutdownSite, closedMonotonic, closedPhase, closedOrdinal, closedFollowing, closedThread,
            closedSite, finalizedMonotonic, finalizedPhase, finalizedOrdinal, finalizedFollowing, finalizedThread,
            finalizedSite, environment, serial, function, createdAt)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
            ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
            ?, (SELECT function FROM environment WHERE id = ?72), ?)
        ON CONFLICT (environment, serial) DO NOTHING
        """

    static let updateLoopSQL = """
        UPDATE loop SET className = ?, descriptors = ?, createdBy = ?, runs = ?, isRunning = ?, closedBy = ?, usesAfterClose = ?,
            ranInOrdinal = ?, openAtEndOf = ?, wasRunningAtEnd = ?, isHeldByGlobal = ?, createdMonotonic = ?,
            createdPhase = ?, createdOrdinal = ?, createdFollowing = ?, createdThread = ?, createdSite = ?,
            firstRanMonotonic = ?, firstRanPhase = ?, firstRanOrdinal = ?, firstRanFollowing = ?, firstRanThread = ?,
            firstRanSite = ?, lastRanMonotonic = ?, lastRanPhase = ?, lastRanOrdinal = ?, lastRanFollowing = ?,
            lastRanThread = ?, lastRanSite = ?, slotSetMonotonic = ?, slotSetPhase = ?, slotSetOrdinal = ?,
            slotSetFollowing = ?, slotSetThread = ?, slotSetSite = ?, leftInSlotMonotonic = ?, leftInSlotPhase = ?,
            leftInSlotOrdinal = ?, leftInSlotFollowing = ?, leftInSlotThread = ?, leftInSlotSite = ?, stoppedMonotonic
            = ?, stoppedPhase = ?, stoppedOrdinal = ?, stoppedFollowing = ?, stoppedThread = ?, stoppedSite = ?,
            asyncgensShutdownMonotonic = ?, asyncgensShutdownPhase = ?, asyncgensShutdownOrdinal = ?,
            asyncgensShutdownFollowing = ?, asyncgensShutdownThread = ?, asyncgensShutdownSite = ?,
            executorShutdownMonotonic = ?, executorShutdownPhase = ?, executorShutdownOrdinal = ?,
            executorShutdownFollowing = ?, executorShutdownThread = ?, executorShutdownSite = ?, closedMonotonic = ?,
            closedPhase = ?, closedOrdinal = ?, closedFollowing = ?, closedThread = ?, closedSite = ?,
            finalizedMonotonic = ?, finalizedPhase = ?, finalizedOrdinal = ?, finalizedFollowing = ?, finalizedThread =
            ?, finalizedSite = ?
        WHERE environment = ? AND serial = ?
        """

    func write(_ loops: [LoopState], of environment: EnvironmentID, clocks: ClockReading) throws {
        guard !loops.isEmpty else { return }
        let id = try environmentID(environment)
        for loop in loops where briefLoops.remove(LoopKey(environment: id, serial: loop.serial)) == nil {
            let standIn = try invocation(standingFor: loop, of: id)
            try bind(loop, to: insertLoop)
            insertLoop.bind(id)
            insertLoop.bind(Int64(loop.serial.rawValue))
            insertLoop.bind(standIn?.createdAt ?? clocks.wallTime(of: loop.created.at).nanoseconds)
            if try insertLoop.run() == 1 {
                if let standIn {
                    let update = try prepared("UPDATE invocation SET briefLoopAt = NULL WHERE id = ?")
                    update.bind(standIn.invocation)
                    try update.run()
                } else {
                    totals.loops += 1
                }
                continue
            }
            try bind(loop, to: updateLoop)
            updateLoop.bind(id)
            updateLoop.bind(Int64(loop.serial.rawValue))
            try updateLoop.run()
        }
    }

    /// Notes that the row of an invocation, which has just been written, stands for a loop.
    func stand(for loop: CommitPlan.BriefLoop, of environment: Int64) {
        briefLoops.insert(LoopKey(environment: environment, serial: loop.serial))
        totals.loops += 1
    }

    /// The invocation whose row has stood for a loop so far: more has become known of it since.
    private func invocation(
        standingFor loop: LoopState,
        of environment: Int64
    ) throws -> (invocation: Int64, createdAt: Int64)? {
        guard loop.closed != nil, let ordinal = loop.created.ordinal else { return nil }
        let find = try prepared(
            """
            SELECT id, briefLoopAt, events FROM invocation
            WHERE environment = ? AND ordinal = ? AND briefLoopAt IS NOT NULL
            """
        )
        find.bind(environment)
        find.bind(ordinal)
        let found = try find.first { (invocation: $0.int64(), createdAt: $0.int64(), events: $0.optionalBytes() ?? []) }
        guard let found else { return nil }
        // Another loop may have been made in the same invocation, and been told of later.
        let events = try PackedEvents.events(in: found.events, SharedValues(database))
        guard events.contains(where: { $0.kind == .created && $0.loop == loop.serial }) else { return nil }
        return (found.invocation, found.createdAt)
    }

    private func bind(_ loop: LoopState, to statement: PreparedStatement) throws {
        let className = try nameID(loop.className)
        statement.bind(className)
        statement.bind(loop.descriptors)
        statement.bind(Int64(loop.createdBy.rawValue))
        statement.bind(loop.runs)
        statement.bind(loop.isRunning)
        statement.bind(Int64(loop.closedBy.rawValue))
        statement.bind(loop.usesAfterClose)
        statement.bind(loop.ranInOrdinal)
        statement.bind(loop.openAtEndOf)
        statement.bind(loop.wasRunningAtEnd)
        statement.bind(loop.isHeldByGlobal)
        try bind(loop.created, to: statement)
        try bind(loop.firstRan, to: statement)
        try bind(loop.lastRan, to: statement)
        try bind(loop.slotSet, to: statement)
        try bind(loop.leftInSlot, to: statement)
        try bind(loop.stopped, to: statement)
        try bind(loop.asyncgensShutdown, to: statement)
        try bind(loop.executorShutdown, to: statement)
        try bind(loop.closed, to: statement)
        try bind(loop.finalized, to: statement)
    }

    private func bind(_ moment: Moment?, to statement: PreparedStatement) throws {
        guard let moment else {
            for _ in 0..<6 { statement.bindNull() }
            return
        }
        let site = try moment.site.map(siteID)
        statement.bind(moment.at.nanoseconds)
        statement.bind(Int64(moment.phase.rawValue))
        statement.bind(moment.ordinal)
        statement.bind(moment.following)
        statement.bind(Int64(moment.thread))
        statement.bind(site)
    }
}

/// Which loop of the history.
struct LoopKey: Hashable {
    /// Its row.
    var environment: Int64
    var serial: LoopSerial
}
