/// One life of the environments of a function, as `check` led it.
package struct CheckRun: Hashable, Sendable {
    package var function: FunctionName
    package var host: HostProfile
    /// For example `3.11.7`; what was asked for where there is no such interpreter.
    package var python: String
    /// The path of its interpreter; nil: there is none.
    package var interpreter: String?
    /// The virtual environment or list that its packages came from; nil: the interpreter's own.
    package var packages: String?
    package var loop: LoopImplementation
    /// How its processes came to be; nil: there were none.
    package var start: StartMode?
    /// What the events are called that steps count; nil: there is only one.
    package var eventNames: [String?] = []
    /// What to do about a handler that cannot be loaded; nil: it can, or nobody knows.
    package var advice: String?
    /// The schedule's name.
    package var schedule: String
    /// What was done, in order; what was left out at the end is not here.
    package var steps: [Step]
    /// In their order; the first is cold.
    package var invocations: [InvocationRecord]
    /// What went wrong when the environments were asked to end; nil: nothing.
    package var shutdownFailure: InvocationRecord?
    package var findings: [Finding]
    /// Why it could not be run; nil: it was.
    package var obstacle: String?
    /// The session of pytest that it was; nil: it was none.
    package var session: TestSession?
    /// How what failed here first can be seen again; nil: nothing failed, or it was not tried.
    package var reproduction: Reproduction?

    package init(
        function: FunctionName,
        host: HostProfile,
        python: String,
        loop: LoopImplementation,
        schedule: String,
        steps: [Step] = [],
        invocations: [InvocationRecord] = [],
        findings: [Finding] = [],
        obstacle: String? = nil
    ) {
        self.function = function
        self.host = host
        self.python = python
        self.loop = loop
        self.schedule = schedule
        self.steps = steps
        self.invocations = invocations
        self.findings = findings
        self.obstacle = obstacle
    }

    /// A step as it was taken.
    package struct Step: Hashable, Sendable {
        package var step: CheckStep
        /// Which of the life's invocations were made in it.
        package var invocations: Range<Int>
        /// Whether what it does to an invocation on purpose was done; nil: it does nothing.
        package var wasApplied: Bool?

        package init(_ step: CheckStep, invocations: Range<Int>, wasApplied: Bool? = nil) {
            self.step = step
            self.invocations = invocations
            self.wasApplied = wasApplied
        }
    }

    /// The first thing that failed other than on purpose, and how many invocations came before it.
    package var failure: (ordinal: Int, invocation: InvocationRecord)? {
        let failing = invocations.indices.first { invocations[$0].outcome != .ok && !isExcused($0) }
        if let failing { return (failing, invocations[failing]) }
        return shutdownFailure.map { (invocations.count, $0) }
    }

    package var failsCold: Bool { session.map(\.tests.isEmpty) ?? (failure?.ordinal == 0) }

    /// Whether an invocation may fail, because that was done to it on purpose.
    private func isExcused(_ invocation: Int) -> Bool {
        steps.contains { $0.wasApplied == true && $0.invocations.contains(invocation) }
    }

    /// What was really done: a step that could not do what it is for is a plain one.
    package var effectiveSteps: [CheckStep] {
        steps.map { $0.wasApplied == false ? CheckStep(.warm, event: $0.step.event) : $0.step }
    }

    /// Where invocations waited that were made to fail, by the number of the step; lines are relative to the folder.
    package func faultedPlaces(below root: String) -> [Int: String] {
        var places: [Int: String] = [:]
        for (number, step) in steps.enumerated() where step.wasApplied == true {
            guard let first = step.invocations.first, let trace = invocations[first].stackTrace else { continue }
            places[number] = Self.innermostLine(in: trace, below: root)
        }
        return places
    }

    /// The handler's own line that is nearest to where something was raised.
    private static func innermostLine(in trace: String, below root: String) -> String? {
        // As CPython writes them: File "/src/orders.py", line 12, in handler
        let start = "File \"\(root)/"
        let own = trace.split(whereSeparator: \.isNewline).last { line in
            line.drop { $0 == " " }.hasPrefix(start) && !line.contains("/site-packages/")
        }
        guard let words = own?.drop(while: { $0 == " " }).dropFirst(start.count), let end = words.firstIndex(of: "\"")
        else { return nil }
        let number = words[end...].drop { !$0.isNumber }.prefix { $0.isNumber }
        return number.isEmpty ? nil : "\(words[..<end]):\(number)"
    }

    /// The step in which an invocation was made; nil: it is not known.
    package func step(ofInvocation index: Int) -> Int? { steps.firstIndex { $0.invocations.contains(index) } }

    /// What the event of an invocation is called; nil: it has no name.
    package func eventName(ofInvocation index: Int) -> String? {
        guard let step = step(ofInvocation: index) else { return nil }
        let number = (steps[step].step.event ?? 1) - 1
        return eventNames.indices.contains(number) ? eventNames[number] : nil
    }

    /// The step in which something was found; nil: only at the end, or it is not known.
    package func step(of finding: Finding) -> Int? {
        guard let ordinal = finding.ordinal else { return nil }
        let index = invocations.firstIndex { $0.environment == finding.environment && $0.ordinal == ordinal }
        return index.flatMap(step(ofInvocation:))
    }

    /// What stood out in it: the findings that count, and what failed first, with the step in which each was seen.
    package func symptoms(threshold: Severity) -> [(symptom: Symptom, step: Int?)] {
        var told: Set<Symptom> = []
        var symptoms = findings.filter { $0.severity >= threshold }.map { (Symptom($0), step(of: $0)) }
        if let (ordinal, invocation) = failure {
            let step = ordinal < invocations.count ? step(ofInvocation: ordinal) : nil
            symptoms.append((Symptom(failure: invocation), step))
        }
        return symptoms.filter { told.insert($0.0).inserted }.map { (symptom: $0.0, step: $0.1) }
    }

    /// The test that an invocation was.
    private func test(_ index: Int) -> TestSession.Test? {
        guard let session, session.tests.indices.contains(index) else { return nil }
        return session.tests[index]
    }

    var json: JSON {
        var members: [JSON.Member] = [
            .init("function", .string(function.rawValue)),
            .init("host", .string(host.rawValue)),
            .init("python", .string(python)),
            .init("interpreter", JSON(interpreter)),
            .init("packages", JSON(packages)),
            .init("loop", .string(loop.rawValue)),
            .init("startMode", JSON(start?.rawValue)),
            .init("schedule", .string(schedule)),
            .init("steps", .array(steps.map(\.json))),
            .init("obstacle", JSON(obstacle)),
            .init("advice", JSON(advice)),
            .init("invocations", .array(invocations.indices.map(invocationJSON))),
            .init("findings", .array(findings.map(\.json))),
        ]
        if let shutdownFailure { members.append(.init("shutdownFailure", shutdownFailure.errorJSON)) }
        if let session { members.append(.init("tests", session.json)) }
        if let reproduction { members.append(.init("reproduction", reproduction.json)) }
        return .object(members)
    }

    private func invocationJSON(_ index: Int) -> JSON {
        invocations[index].checkJSON(ordinal: index, event: eventName(ofInvocation: index), test(index))
    }
}

extension CheckRun.Step {
    fileprivate var json: JSON {
        [
            "step": .string(step.description), "invocations": .array(invocations.map { JSON($0) }),
            "applied": wasApplied.map(JSON.bool) ?? .null,
        ]
    }
}

extension InvocationRecord {
    fileprivate func checkJSON(ordinal: Int, event: String?, _ test: TestSession.Test?) -> JSON {
        let (seconds, attoseconds) = duration.components
        var members: [JSON.Member] = [
            .init("ordinal", JSON(ordinal)),
            .init("start", .string(isCold ? "cold" : "warm")),
            .init("event", JSON(event)),
            .init("outcome", JSON(outcome?.rawValue)),
            .init("errorType", JSON(errorType)),
            .init("errorMessage", JSON(errorMessage)),
            .init("durationMs", .double(Double(seconds) * 1000 + Double(attoseconds / 1_000_000_000_000) / 1000)),
        ]
        if let test {
            members.append(.init("test", .string(test.id)))
            members.append(.init("result", JSON(test.result?.rawValue)))
        }
        return .object(members)
    }

    fileprivate var errorJSON: JSON { ["errorType": JSON(errorType), "errorMessage": JSON(errorMessage)] }
}
