/// How bad a finding is; ordered from mild to bad.
package enum Severity: String, Sendable, Codable, CaseIterable, Comparable {
    case info
    case warning
    case error

    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .info: 0
        case .warning: 1
        case .error: 2
        }
    }
}

/// A line that shares in a finding, with the part it played.
package struct RelatedSite: Hashable, Sendable {
    package var role: Role
    /// Which invocation of the environment did it, counted from 0; nil: while the handler was loaded.
    package var ordinal: Int?
    package var line: CodeLine
    /// The test that the invocation is, or another part of a session, as people say it; nil: it is no session's.
    package var test: String?

    package init(role: Role, ordinal: Int?, line: CodeLine) {
        self.role = role
        self.ordinal = ordinal
        self.line = line
    }

    /// The parts a line can play in the story of a loop.
    package struct Role: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        package let rawValue: String

        package init(rawValue: String) { self.rawValue = rawValue }

        package static let created = Self(rawValue: "created")
        package static let closed = Self(rawValue: "closed")
        /// Made an object its loop's: where it first had to wait there.
        package static let bound = Self(rawValue: "bound")
        /// Begins the coroutine that a task runs.
        package static let task = Self(rawValue: "task")
        package static let used = Self(rawValue: "used")
        package static let ran = Self(rawValue: "ran")
        /// Put the loop into the current-loop slot.
        package static let set = Self(rawValue: "set")
        /// The installed library's line between the user's and the fault.
        package static let via = Self(rawValue: "via")
        /// What the culprit has called, on the way to where it blocks.
        package static let called = Self(rawValue: "called")
        /// Who has called the culprit.
        package static let caller = Self(rawValue: "caller")
        /// Held up the loop.
        package static let blocked = Self(rawValue: "blocked")
        /// Waited, when time ran out or for ever.
        package static let waited = Self(rawValue: "waited")

        package var description: String { rawValue }
    }
}

/// What a rule says: where, what happened, and the change that mends it.
package struct Finding: Hashable, Sendable {
    /// The rule's kebab-case name.
    package var rule: String
    /// The rule's short stable code, such as `LW201`.
    package var code: String
    package var severity: Severity
    package var function: FunctionName
    package var environment: EnvironmentID
    /// nil where it came to light outside any invocation.
    package var invocation: InvocationID?
    /// Counted from 0 in its environment.
    package var ordinal: Int?
    /// The culprit: the line to change.
    package var site: CodeLine?
    package var related: [RelatedSite]
    /// The story, for a person: what happened, in which invocation, which line did which part of it.
    package var message: String
    /// The change that mends it.
    package var advice: String
    /// Where it is, in words that outlast this version of the code; nil: nobody has looked.
    package var anchor: FindingAnchor?
    /// The test that it belongs to, as ``RelatedSite/test``.
    package var test: String?
    /// How it can be seen again; nil: nobody has tried.
    package var reproduction: Reproduction?

    package init(
        rule: String,
        code: String,
        severity: Severity,
        function: FunctionName,
        environment: EnvironmentID,
        invocation: InvocationID?,
        ordinal: Int?,
        site: CodeLine?,
        related: [RelatedSite],
        message: String,
        advice: String
    ) {
        self.rule = rule
        self.code = code
        self.severity = severity
        self.function = function
        self.environment = environment
        self.invocation = invocation
        self.ordinal = ordinal
        self.site = site
        self.related = related
        self.message = message
        self.advice = advice
    }

    /// The same for every occurrence of one fault in one place: function, rule and culprit line, hashed.
    ///
    /// What alerts are known by. For what shall outlast other versions of the code there is ``FindingAnchor``.
    package var fingerprint: String {
        LoopModel.fingerprint(
            of: ["\(function)", rule, site?.file ?? "", "\(site?.line ?? 0)", site?.function ?? ""]
        )
    }
}

/// Findings of one fingerprint, counted.
package struct Alert: Hashable, Sendable {
    package var fingerprint: String
    package var rule: String
    package var severity: Severity
    package var function: FunctionName
    package var site: CodeLine?
    /// Of its latest finding.
    package var message: String
    package var advice: String
    package var count: Int
    package var firstSeen: WallTime
    package var lastSeen: WallTime
    package var state: State

    package init(
        fingerprint: String,
        rule: String,
        severity: Severity,
        function: FunctionName,
        site: CodeLine?,
        message: String,
        advice: String,
        count: Int,
        firstSeen: WallTime,
        lastSeen: WallTime,
        state: State
    ) {
        self.fingerprint = fingerprint
        self.rule = rule
        self.severity = severity
        self.function = function
        self.site = site
        self.message = message
        self.advice = advice
        self.count = count
        self.firstSeen = firstSeen
        self.lastSeen = lastSeen
        self.state = state
    }

    /// A resolved alert that is seen again opens again; an acknowledged one stays acknowledged.
    package enum State: String, Sendable, Codable, CaseIterable {
        case open
        case acknowledged
        case resolved
    }
}
