extension Migration {
    /// When environments stood still between two invocations.
    static let freezes = Self(
        version: 4,
        name: "freezes",
        sql: """
            -- `following`: the ordinal of the invocation that it came after; -1: it came before the first.
            -- `thawed…`: NULL while it lasts, and for ever where the daemon died meanwhile.
            CREATE TABLE freezeSpan (
                environment INTEGER NOT NULL REFERENCES environment (id),
                following INTEGER NOT NULL,
                frozenMonotonic INTEGER NOT NULL,
                frozenAt INTEGER NOT NULL,
                thawedMonotonic INTEGER,
                thawedAt INTEGER,
                processes INTEGER NOT NULL,
                means TEXT NOT NULL,
                PRIMARY KEY (environment, following, frozenMonotonic)
            ) STRICT, WITHOUT ROWID;
            """
    )
}
