/// What a child process is to be.
package struct ProcessLaunch: Sendable {
    /// The path of the program; not searched for.
    package var executable: String
    /// With the program's name as the first.
    package var arguments: [String]
    /// The whole environment; nothing is inherited.
    package var environment: [String: String]
    /// The working directory.
    package var directory: String
    /// RLIMIT_NOFILE of the child, soft and hard; 0 leaves the parent's.
    ///
    /// AWS Lambda allows 1024 (facts: lambda §2).
    package var descriptorLimit: UInt64
    /// The family that the child founds: how everything that it starts is found again.
    package var family: ProcessFamily?
    /// The cgroup that is made for it, and removed at its end; nil: it stays in the parent's.
    package var group: ControlGroupOrder?

    package init(
        executable: String,
        arguments: [String],
        environment: [String: String],
        directory: String,
        descriptorLimit: UInt64 = 0,
        family: ProcessFamily? = nil,
        group: ControlGroupOrder? = nil
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.descriptorLimit = descriptorLimit
        self.family = family
        self.group = group
    }
}

/// Why a child process could not be started.
package enum LaunchFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no such program, or its interpreter (the `#!` line, the dynamic loader) is missing.
    case notFound(String)
    /// The program may not be executed by this user.
    case notPermitted(String)
    /// The file is no program for this machine.
    case notExecutable(String)
    /// The working directory cannot be entered.
    case directory(SystemFailure)
    /// Its cgroup cannot be made as ordered, or joined.
    case group(SystemFailure)
    /// The system has no process, memory or descriptor left.
    case resources(SystemFailure)

    package var description: String {
        switch self {
        case .notFound(let path): "\(path): not found"
        case .notPermitted(let path): "\(path): not allowed to execute it"
        case .notExecutable(let path): "\(path): not a program for this machine"
        case .directory(let failure): "the working directory cannot be entered: \(failure)"
        case .group(let failure): "its cgroup cannot be used: \(failure)"
        case .resources(let failure): "no process could be started: \(failure)"
        }
    }
}

/// How a process ended.
package enum ExitStatus: Hashable, Sendable, CustomStringConvertible {
    case exited(Int32)
    case signaled(Int32)

    package var description: String {
        switch self {
        case .exited(let code): "exit status \(code)"
        case .signaled(let number): "signal \(number)"
        }
    }
}
