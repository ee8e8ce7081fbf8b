extension Migration {
    /// Which tries of one event belong together.
    static let attempts = Self(
        version: 8,
        name: "attempts",
        sql: """
            -- What the caller and the handler know it by; NULL: the uid.
            ALTER TABLE invocation ADD COLUMN requestUID TEXT;
            -- How often the function had had the event then, this time included; NULL: it was not from the queue.
            ALTER TABLE invocation ADD COLUMN attempt INTEGER;
            CREATE INDEX invocation_request ON invocation (requestUID) WHERE requestUID IS NOT NULL;
            """
    )
}
