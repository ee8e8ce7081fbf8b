internal import CLoopOS
internal import Glibc

/// What a descriptor's terminal is like.
package enum Terminal {
    package static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// In columns; nil when it is no terminal, or does not know.
    package static func width(of descriptor: Int32) -> Int? {
        let columns = loop_terminal_columns(descriptor)
        return columns > 0 ? Int(columns) : nil
    }
}

/// This process.
package enum ThisProcess {
    package static var identifier: Int32 { getpid() }
    package static var effectiveUser: UInt32 { geteuid() }

    /// The environment, read once for each call; of several variables of one name the first counts.
    package static var environment: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0]), default: String(parts[1])] += "" }
            entry += 1
        }
        return variables
    }

    /// Raises the soft limit of open descriptors to the hard one; children get a limit of their own.
    package static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
