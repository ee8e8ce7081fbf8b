internal import Glibc

/// What this process does about signals.
///
/// Those that tell the daemon something are the business of its service group.
package enum Signals {
    /// Lets writes to closed sockets and pipes fail with EPIPE instead of ending the process.
    package static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }
}
