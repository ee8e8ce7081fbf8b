CREATE TABLE alert (
    id INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE,
    rule TEXT NOT NULL,
    function INTEGER NOT NULL REFERENCES function (id),
    -- The culprit, all three or none.
    file TEXT,
    line INTEGER,
    codeFunction TEXT,
    severity TEXT NOT NULL,
    message TEXT NOT NULL,
    advice TEXT NOT NULL,
    -- 0 when judging again has taken back all of its findings; kept for its state.
    count INTEGER NOT NULL,
    firstSeen INTEGER NOT NULL,
    lastSeen INTEGER NOT NULL,
    state TEXT NOT NULL
) STRICT;

CREATE TABLE environment (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    function INTEGER NOT NULL REFERENCES function (id),
    host TEXT NOT NULL,
    loop TEXT NOT NULL,
    start TEXT NOT NULL,
    cause TEXT NOT NULL,
    startedAt INTEGER NOT NULL,
    pythonVersion TEXT NOT NULL,
    processID INTEGER NOT NULL,
    descriptorLimit INTEGER NOT NULL,
    descriptorsAtReady INTEGER NOT NULL,
    -- One a line.
    disabledHooks TEXT NOT NULL,
    endedAt INTEGER,
    endReason TEXT,
    -- A daemon died before it ended: its end was never judged.
    isLost INTEGER NOT NULL DEFAULT 0,
    -- Part of its history has been deleted: it cannot be judged again.
    isTrimmed INTEGER NOT NULL DEFAULT 0
, predecessor TEXT, logStream TEXT, shutdownReason TEXT, initialization INTEGER, importing INTEGER, imports TEXT, refusal INTEGER REFERENCES name (id)) STRICT;

CREATE TABLE environmentOutput (
    id INTEGER PRIMARY KEY,
    environment INTEGER NOT NULL REFERENCES environment (id) ON DELETE CASCADE,
    phase TEXT NOT NULL,
    at INTEGER NOT NULL,
    times TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;

CREATE TABLE eventBatch (
    id INTEGER PRIMARY KEY,
    environment INTEGER NOT NULL REFERENCES environment (id),
    firstEvent INTEGER NOT NULL,
    endEvent INTEGER NOT NULL,
    events BLOB NOT NULL
) STRICT;

CREATE TABLE finding (
    id INTEGER PRIMARY KEY,
    alert INTEGER NOT NULL REFERENCES alert (id),
    environment INTEGER NOT NULL REFERENCES environment (id),
    invocation INTEGER REFERENCES invocation (id),
    ordinal INTEGER,
    function INTEGER NOT NULL REFERENCES function (id),
    rule TEXT NOT NULL,
    code TEXT NOT NULL,
    severity TEXT NOT NULL,
    message TEXT NOT NULL,
    advice INTEGER NOT NULL REFERENCES name (id),
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE findingSite (
    finding INTEGER NOT NULL REFERENCES finding (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    role INTEGER NOT NULL REFERENCES name (id),
    ordinal INTEGER,
    file INTEGER NOT NULL REFERENCES name (id),
    line INTEGER NOT NULL,
    function INTEGER NOT NULL REFERENCES name (id),
    PRIMARY KEY (finding, position)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE function (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    root TEXT,
    source TEXT,
    runtime TEXT,
    handler TEXT,
    python TEXT,
    timeout INTEGER,
    initTimeout INTEGER,
    memory INTEGER,
    environmentNames TEXT,
    host TEXT,
    loop TEXT,
    start TEXT,
    keepAlive INTEGER,
    concurrency INTEGER,
    queue INTEGER,
    description TEXT,
    updatedAt INTEGER
) STRICT;

CREATE TABLE invocation (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    function INTEGER NOT NULL REFERENCES function (id),
    environment INTEGER REFERENCES environment (id),
    ordinal INTEGER,
    isCold INTEGER NOT NULL,
    cause TEXT,
    -- NULL while it runs.
    outcome TEXT,
    errorType TEXT,
    errorMessage TEXT,
    stackTrace TEXT,
    requestedAt INTEGER NOT NULL,
    queued INTEGER NOT NULL,
    initialization INTEGER,
    duration INTEGER NOT NULL,
    requestSize INTEGER NOT NULL,
    responseSize INTEGER NOT NULL,
    logTail TEXT NOT NULL,
    -- The events judged with it: these sequence numbers of its environment, the second not included.
    firstEvent INTEGER,
    endEvent INTEGER
, peakMemory INTEGER, exceededMemory INTEGER, run TEXT, inits TEXT, requestUID TEXT, attempt INTEGER, events BLOB, briefLoopAt INTEGER) STRICT;

CREATE TABLE invocationLog (
    invocation INTEGER PRIMARY KEY REFERENCES invocation (id) ON DELETE CASCADE,
    -- When it was handed to the handler, where that does not follow from its row.
    startedAt INTEGER,
    -- The trace header, where its trace is sampled.
    trace TEXT,
    -- The lines at which the time changes: their number, and microseconds since the one before.
    times TEXT NOT NULL
) STRICT;

CREATE TABLE logStyle (
    environment INTEGER PRIMARY KEY REFERENCES environment (id) ON DELETE CASCADE,
    memory INTEGER NOT NULL,
    format TEXT NOT NULL,
    systemLevel TEXT NOT NULL,
    region TEXT NOT NULL
) STRICT;

CREATE TABLE loop (
    environment INTEGER NOT NULL REFERENCES environment (id),
    serial INTEGER NOT NULL,
    function INTEGER NOT NULL REFERENCES function (id),
    createdAt INTEGER NOT NULL,
    isLeaked INTEGER NOT NULL DEFAULT 0,
    className INTEGER NOT NULL REFERENCES name (id),
    descriptors INTEGER NOT NULL,
    createdBy INTEGER NOT NULL,
    runs INTEGER NOT NULL,
    isRunning INTEGER NOT NULL,
    closedBy INTEGER NOT NULL,
    usesAfterClose INTEGER NOT NULL,
    ranInOrdinal INTEGER,
    openAtEndOf INTEGER,
    wasRunningAtEnd INTEGER NOT NULL,
    isHeldByGlobal INTEGER NOT NULL,
    createdMonotonic INTEGER NOT NULL,
    createdPhase INTEGER NOT NULL,
    createdOrdinal INTEGER,
    createdFollowing INTEGER,
    createdThread INTEGER NOT NULL,
    createdSite INTEGER REFERENCES site (id),
    firstRanMonotonic INTEGER,
    firstRanPhase INTEGER,
    firstRanOrdinal INTEGER,
    firstRanFollowing INTEGER,
    firstRanThread INTEGER,
    firstRanSite INTEGER REFERENCES site (id),
    lastRanMonotonic INTEGER,
    lastRanPhase INTEGER,
    lastRanOrdinal INTEGER,
    lastRanFollowing INTEGER,
    lastRanThread INTEGER,
    lastRanSite INTEGER REFERENCES site (id),
    slotSetMonotonic INTEGER,
    slotSetPhase INTEGER,
    slotSetOrdinal INTEGER,
    slotSetFollowing INTEGER,
    slotSetThread INTEGER,
    slotSetSite INTEGER REFERENCES site (id),
    leftInSlotMonotonic INTEGER,
    leftInSlotPhase INTEGER,
    leftInSlotOrdinal INTEGER,
    leftInSlotFollowing INTEGER,
    leftInSlotThread INTEGER,
    leftInSlotSite INTEGER REFERENCES site (id),
    stoppedMonotonic INTEGER,
    stoppedPhase INTEGER,
    stoppedOrdinal INTEGER,
    stoppedFollowing INTEGER,
    stoppedThread INTEGER,
    stoppedSite INTEGER REFERENCES site (id),
    asyncgensShutdownMonotonic INTEGER,
    asyncgensShutdownPhase INTEGER,
    asyncgensShutdownOrdinal INTEGER,
    asyncgensShutdownFollowing INTEGER,
    asyncgensShutdownThread INTEGER,
    asyncgensShutdownSite INTEGER REFERENCES site (id),
    executorShutdownMonotonic INTEGER,
    executorShutdownPhase INTEGER,
    executorShutdownOrdinal INTEGER,
    executorShutdownFollowing INTEGER,
    executorShutdownThread INTEGER,
    executorShutdownSite INTEGER REFERENCES site (id),
    closedMonotonic INTEGER,
    closedPhase INTEGER,
    closedOrdinal INTEGER,
    closedFollowing INTEGER,
    closedThread INTEGER,
    closedSite INTEGER REFERENCES site (id),
    finalizedMonotonic INTEGER,
    finalizedPhase INTEGER,
    finalizedOrdinal INTEGER,
    finalizedFollowing INTEGER,
    finalizedThread INTEGER,
    finalizedSite INTEGER REFERENCES site (id),
    PRIMARY KEY (environment, serial)
) STRICT, WITHOUT ROWID;

CREATE TABLE loopEvent (
    environment INTEGER NOT NULL REFERENCES environment (id),
    sequence INTEGER NOT NULL,
    monotonic INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    flags INTEGER NOT NULL,
    phase INTEGER NOT NULL,
    ordinal INTEGER,
    thread INTEGER NOT NULL,
    threadName INTEGER REFERENCES name (id),
    loop INTEGER,
    site INTEGER REFERENCES site (id),
    detail INTEGER REFERENCES name (id),
    value INTEGER NOT NULL,
    PRIMARY KEY (environment, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE name (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE queuedEvent (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    function TEXT NOT NULL,
    payload TEXT NOT NULL,
    clientContext TEXT,
    traceID TEXT,
    requestedAt INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    dueAt INTEGER NOT NULL
) STRICT;

CREATE TABLE site (
    id INTEGER PRIMARY KEY,
    file INTEGER NOT NULL REFERENCES name (id),
    line INTEGER NOT NULL,
    function INTEGER NOT NULL REFERENCES name (id),
    isUserCode INTEGER NOT NULL,
    viaFile INTEGER REFERENCES name (id),
    viaLine INTEGER,
    viaFunction INTEGER REFERENCES name (id)
) STRICT;

CREATE TABLE store (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    identity TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    invocations INTEGER NOT NULL,
    environments INTEGER NOT NULL,
    loops INTEGER NOT NULL,
    events INTEGER NOT NULL,
    findings INTEGER NOT NULL
) STRICT;

CREATE INDEX alert_seen ON alert (lastSeen);

CREATE INDEX environmentOutput_at ON environmentOutput (at);

CREATE INDEX environmentOutput_environment ON environmentOutput (environment);

CREATE INDEX environment_ended ON environment (endedAt);

CREATE INDEX environment_imports ON environment (function) WHERE initialization IS NOT NULL;

CREATE INDEX environment_refused ON environment (function, refusal) WHERE refusal IS NOT NULL;

CREATE INDEX environment_started ON environment (startedAt);

CREATE INDEX eventBatch_environment ON eventBatch (environment, firstEvent);

CREATE INDEX finding_at ON finding (at);

CREATE INDEX finding_function ON finding (function, at);

CREATE INDEX finding_invocation ON finding (invocation);

CREATE UNIQUE INDEX finding_occurrence ON finding (environment, ifnull(invocation, 0), alert);

CREATE INDEX finding_rule ON finding (rule, at);

CREATE INDEX invocation_cold ON invocation (requestedAt) WHERE isCold = 1;

CREATE INDEX invocation_environment ON invocation (environment, ordinal);

CREATE INDEX invocation_failed ON invocation (outcome, requestedAt) WHERE outcome <> 'ok';

CREATE INDEX invocation_function ON invocation (function, requestedAt);

CREATE INDEX invocation_loop ON invocation (function, briefLoopAt) WHERE briefLoopAt IS NOT NULL;

CREATE INDEX invocation_request ON invocation (requestUID) WHERE requestUID IS NOT NULL;

CREATE INDEX invocation_run ON invocation (run, requestedAt) WHERE run IS NOT NULL;

CREATE INDEX invocation_running ON invocation (id) WHERE outcome IS NULL;

CREATE INDEX loop_function ON loop (function, createdAt);

CREATE INDEX loop_leaked ON loop (function, createdAt) WHERE isLeaked = 1;

CREATE INDEX loop_open ON loop (function, createdAt)
    WHERE closedMonotonic IS NULL AND finalizedMonotonic IS NULL;

CREATE INDEX loop_unclosed ON loop (environment, ifnull(createdOrdinal, createdFollowing))
    WHERE closedMonotonic IS NULL;

CREATE INDEX queuedEvent_due ON queuedEvent (dueAt);

CREATE INDEX site_line ON site (file, line, function);
