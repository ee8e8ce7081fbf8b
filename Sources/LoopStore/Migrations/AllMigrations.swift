/// Every step of the schema, in order; append only.
let allMigrations: [Migration] = [
    .history, .queue, .logs, .freezes, .memory, .runs, .lives, .attempts, .imports, .fewerIndexes, .packedEvents,
    .briefLoops,
]

/// The version of the schema that this build reads and writes.
let supportedSchemaVersion = allMigrations.last?.version ?? 0
