internal import LoopModel

/// A loop as a row.
enum LoopRow {
    static let columns = """
        function.name, environment.uid, loop.serial, loop.createdAt, loop.isLeaked,
            loop.className, loop.descriptors, loop.createdBy, loop.runs, loop.isRunning, loop.closedBy,
            loop.usesAfterClose, loop.ranInOrdinal, loop.openAtEndOf, loop.wasRunningAtEnd, loop.isHeldByGlobal,
            loop.createdMonotonic, loop.createdPhase, loop.createdOrdinal, loop.createdFollowing, loop.createdThread,
            loop.createdSite, loop.firstRanMonotonic, loop.firstRanPhase, loop.firstRanOrdinal, loop.firstRanFollowing,
            loop.firstRanThread, loop.firstRanSite, loop.lastRanMonotonic, loop.lastRanPhase, loop.lastRanOrdinal,
            loop.lastRanFollowing, loop.lastRanThread, loop.lastRanSite, loop.slotSetMonotonic, loop.slotSetPhase,
            loop.slotSetOrdinal, loop.slotSetFollowing, loop.slotSetThread, loop.slotSetSite, loop.leftInSlotMonotonic,
            loop.leftInSlotPhase, loop.leftInSlotOrdinal, loop.leftInSlotFollowing, loop.leftInSlotThread,
            loop.leftInSlotSite, loop.stoppedMonotonic, loop.stoppedPhase, loop.stoppedOrdinal, loop.stoppedFollowing,
            loop.stoppedThread, loop.stoppedSite, loop.asyncgensShutdownMonotonic, loop.asyncgensShutdownPhase,
            loop.asyncgensShutdownOrdinal, loop.asyncgensShutdownFollowing, loop.asyncgensShutdownThread,
            loop.asyncgensShutdownSite, loop.executorShutdownMonotonic, loop.executorShutdownPhase,
            loop.executorShutdownOrdinal, loop.executorShutdownFollowing, loop.executorShutdownThread,
            loop.executorShutdownSite, loop.closedMonotonic, loop.closedPhase, loop.closedOrdinal,
            loop.closedFollowing, loop.closedThread, loop.closedSite, loop.finalizedMonotonic, loop.finalizedPhase,
            loop.finalizedOrdinal, loop.finalizedFollowing, loop.finalizedThread, loop.finalizedSite
        """

    static let source = """
        loop CROSS JOIN function ON function.id = loop.function CROSS JOIN environment ON environment.id = loop.environment
        """

    static func read(_ row: PreparedStatement, _ shared: SharedValues) throws -> LoopRecord {
        let function = FunctionName(sanitizing: row.text())
        let environment = EnvironmentID(rawValue: row.text())
        let serial = LoopSerial(rawValue: UInt32(truncatingIfNeeded: row.int64()))
        let createdAt = WallTime(nanoseconds: row.int64())
        let isLeaked = row.bool()
        return LoopRecord(
            function: function,
            environment: environment,
            state: try state(row, shared, serial: serial),
            isLeaked: isLeaked,
            createdAt: createdAt
        )
    }

    private static func state(
        _ row: PreparedStatement,
        _ shared: SharedValues,
        serial: LoopSerial
    ) throws -> LoopState {
        let className = try shared.name(row.int64())
        let descriptors = row.int()
        let createdBy = flags(row)
        let runs = row.int()
        let isRunning = row.bool()
        let closedBy = flags(row)
        let usesAfterClose = row.int()
        let ranInOrdinal = row.optionalInt()
        let openAtEndOf = row.optionalInt()
        let wasRunningAtEnd = row.bool()
        let isHeldByGlobal = row.bool()
        let created =
            try moment(row, shared)
            ?? Moment(LoopEvent(sequence: 0, at: Instant(nanoseconds: 0), kind: .created, phase: .initialization))
        // The model makes a state from the event of its creation only.
        var state = LoopState(
            serial: serial,
            created: created,
            event: LoopEvent(
                sequence: 0,
                at: created.at,
                kind: .created,
                flags: createdBy,
                phase: created.phase,
                detail: className,
                value: Int64(descriptors)
            )
        )
        state.runs = runs
        state.isRunning = isRunning
        state.closedBy = closedBy
        state.usesAfterClose = usesAfterClose
        state.ranInOrdinal = ranInOrdinal
        state.openAtEndOf = openAtEndOf
        state.wasRunningAtEnd = wasRunningAtEnd
        state.isHeldByGlobal = isHeldByGlobal
        state.firstRan = try moment(row, shared)
        state.lastRan = try moment(row, shared)
        state.slotSet = try moment(row, shared)
        state.leftInSlot = try moment(row, shared)
        state.stopped = try moment(row, shared)
        state.asyncgensShutdown = try moment(row, shared)
        state.executorShutdown = try moment(row, shared)
        state.closed = try moment(row, shared)
        state.finalized = try moment(row, shared)
        return state
    }

    private static func flags(_ row: PreparedStatement) -> LoopEvent.Flags {
        LoopEvent.Flags(rawValue: UInt16(truncatingIfNeeded: row.int64()))
    }

    private static func moment(_ row: PreparedStatement, _ shared: SharedValues) throws -> Moment? {
        let at = row.optionalInt64()
        let phase = Phase(rawValue: UInt8(truncatingIfNeeded: row.int64())) ?? .invocation
        let ordinal = row.optionalInt()
        let following = row.optionalInt()
        let thread = UInt32(truncatingIfNeeded: row.int64())
        let site = try row.optionalInt64().flatMap(shared.site)
        guard let at else { return nil }
        let event = LoopEvent(
            sequence: 0,
            at: Instant(nanoseconds: at),
            kind: .created,
            phase: phase,
            ordinal: ordinal,
            thread: thread,
            site: site
        )
        return Moment(event, following: following)
    }
}
