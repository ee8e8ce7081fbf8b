internal import Glibc

/// What this process does about signals.
///
/// Those that tell the daemon something are the business of its service group.
package enum Signals {
    /// Lets writes to closed sockets and pipes fail with EPIPE instead of ending the process.
    package static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

    /// Ends the process in good order when the person at the terminal has enough, with what shells say of that.
    package static func endOnInterrupt() { signal(SIGINT) { _ in _exit(128 + SIGINT) } }
}
