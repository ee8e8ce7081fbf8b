/// What `loopwarden` says to the shell when it ends: sysexits(3), and a few of its own.
package enum CommandStatus: Int32, Sendable, CaseIterable {
    case ok = 0
    /// The invocation, or one of several, failed; its outcome says how. `check`: something was found.
    case invocationFailed = 1
    /// `check`: a handler fails already cold, so that there is nothing to say about warm starts.
    case failsCold = 2
    /// The command line is wrong (EX_USAGE).
    case usage = 64
    /// What was given to work on is not what it must be, such as a payload that is not JSON (EX_DATAERR).
    case data = 65
    /// What was named is not there: a file, a function, an invocation (EX_NOINPUT).
    case missing = 66
    /// The daemon does not answer, or not now (EX_UNAVAILABLE).
    case unavailable = 69
    /// A defect of Loopwarden (EX_SOFTWARE).
    case software = 70
    /// The system refused something (EX_OSERR).
    case system = 71
    /// Something could not be created (EX_CANTCREAT).
    case notCreated = 73
    /// Reading or writing failed, the store's too (EX_IOERR).
    case io = 74
    /// Worth trying again: the queue is full, another daemon holds the state folder (EX_TEMPFAIL).
    case temporary = 75
    /// The other side does not speak as it must, or is of another version (EX_PROTOCOL).
    case protocolBroken = 76
    /// Not allowed (EX_NOPERM).
    case denied = 77
    /// A setting or a plugin is wrong (EX_CONFIG).
    case configuration = 78
    /// Ended from outside before its end, as by Ctrl-C; what was done was told (as shells say it: 128 and SIGINT).
    case interrupted = 130
}
