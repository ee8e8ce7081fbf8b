extension Migration {
    /// What was imported when handlers were loaded, and how long that took.
    static let imports = Self(
        version: 9,
        name: "imports",
        sql: """
            -- From the start of the process to the loaded handler; NULL: imports were not looked at.
            ALTER TABLE environment ADD COLUMN initialization INTEGER;
            -- Of that, what is not the function's own.
            ALTER TABLE environment ADD COLUMN importing INTEGER;
            -- The slowest modules, one a line: a row id of `name`, traits, and the time in µs, with what the module has
            -- imported in turn and without.
            ALTER TABLE environment ADD COLUMN imports TEXT;
            -- Why it was not forked though it was to be.
            ALTER TABLE environment ADD COLUMN refusal INTEGER REFERENCES name (id);
            CREATE INDEX environment_imports ON environment (function) WHERE initialization IS NOT NULL;
            CREATE INDEX environment_refused ON environment (function, refusal) WHERE refusal IS NOT NULL;
            """
    )
}
