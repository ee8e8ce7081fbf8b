internal import LoopModel

extension ChangeWriter {
    /// An event that is there already is one of a commit that is being made again.
    static let insertEventSQL = """
        INSERT INTO loopEvent (environment, sequence, monotonic, kind, flags, phase, ordinal, thread, threadName, loop,
            site, detail, value)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (environment, sequence) DO NOTHING
        """

    func insert(_ events: [LoopEvent], of environment: Int64) throws {
        let statement = insertEvent
        for event in events {
            let threadName = try event.threadName.map(nameID)
            let site = try event.site.map(siteID)
            let detail = try event.detail.map(nameID)
            statement.bind(environment)
            statement.bind(event.sequence)
            statement.bind(event.at.nanoseconds)
            statement.bind(Int64(event.kind.number))
            statement.bind(Int64(event.flags.rawValue))
            statement.bind(Int64(event.phase.rawValue))
            statement.bind(event.ordinal)
            statement.bind(Int64(event.thread))
            statement.bind(threadName)
            statement.bind(event.loop.map { Int64($0.rawValue) })
            statement.bind(site)
            statement.bind(detail)
            statement.bind(event.value)
            totals.events += try statement.run()
        }
    }
}
