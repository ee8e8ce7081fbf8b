import LoopModel
import LoopRules
import Testing

@Suite("What is found of invocations that were made to fail") struct FaultedInvocationsTests {
    private static let environment = EnvironmentID.random()

    private func finding(
        _ rule: any DetectionRule,
        _ ordinal: Int?,
        in environment: EnvironmentID = environment,
        used: String? = nil
    ) -> Finding {
        let related = used.map { file in
            RelatedSite(role: .used, ordinal: ordinal, line: CodeLine(file: file, line: 3, function: "work"))
        }
        return Finding(
            rule: rule.id,
            code: rule.code,
            severity: rule.severity,
            function: FunctionName(sanitizing: "orders"),
            environment: environment,
            invocation: nil,
            ordinal: ordinal,
            site: nil,
            related: related.map { [$0] } ?? [],
            message: "",
            advice: ""
        )
    }

    private func faulted(_ kind: InvocationFault.Kind = .exception, at ordinal: Int = 1) -> FaultedInvocations {
        var record = InvocationRecord(
            id: .random(),
            function: FunctionName(sanitizing: "orders"),
            requestedAt: WallTime(nanoseconds: 0)
        )
        record.environment = Self.environment
        record.ordinal = ordinal
        var faulted = FaultedInvocations()
        faulted.note(kind, of: record)
        return faulted
    }

    @Test("is told where it is left behind, also of the invocation itself")
    func leftBehind() {
        for rule in AllRules.list where rule.underFault == .stands {
            for ordinal in [nil, 0, 1, 2] as [Int?] {
                #expect(!faulted().explain(finding(rule, ordinal, used: "handler.py")), "\(rule.id)")
            }
        }
        let ids = Set(AllRules.list.filter { $0.underFault == .stands }.map(\.id))
        #expect(
            ids.isSuperset(of: [
                "leaked-loop", "poisoned-slot", "closed-loop-reuse", "leaked-thread", "leaked-subprocess",
                "unclosed-resource", "descriptor-growth", "swallowed-cancel", "pending-task",
            ])
        )
    }

    @Test("is not told where it is the failing invocation's own work that was not done")
    func passing() {
        let rules = AllRules.list.filter { $0.underFault == .passes }
        #expect(rules.contains { $0.id == "fire-and-forget" })
        for rule in rules {
            #expect(faulted().explain(finding(rule, 1)))
            for ordinal in [nil, 0, 2] as [Int?] { #expect(!faulted().explain(finding(rule, ordinal))) }
        }
    }

    @Test("is not told either where it comes to light later")
    func lingering() {
        let rules = AllRules.list.filter { $0.underFault == .lingers }
        #expect(Set(rules.map(\.id)) == ["never-awaited", "unretrieved-exception"])
        for rule in rules {
            #expect(!faulted().explain(finding(rule, 0)))
            for ordinal in [1, 2, nil] as [Int?] { #expect(faulted().explain(finding(rule, ordinal))) }
        }
    }

    @Test("is not told of a closed loop that only a library's thread has used since")
    func threads() {
        let library = "/venv/lib/python3.12/site-packages/anyio/_backends/_asyncio.py"
        #expect(faulted().explain(finding(ClosedLoopReuse(), 1, used: library)))
        #expect(faulted().explain(finding(ClosedLoopReuse(), nil, used: library)))
        #expect(!faulted().explain(finding(ClosedLoopReuse(), 0, used: library)))
        #expect(!faulted().explain(finding(ClosedLoopReuse(), 2, used: "handler.py")))
    }

    @Test("is not told of a failed run's loop that is used in vain by an invocation that succeeds")
    func clearing() {
        var late = finding(ClosedLoopReuse(), 2, used: "handler.py")
        late.related.append(
            RelatedSite(role: .created, ordinal: 1, line: CodeLine(file: "handler.py", line: 9, function: "handler"))
        )
        var invocation = InvocationRecord(id: .random(), function: late.function, requestedAt: WallTime(nanoseconds: 0))
        late.invocation = invocation.id
        invocation.outcome = .ok
        #expect(faulted().explain(late, among: [invocation]))
        invocation.outcome = .error
        #expect(!faulted().explain(late, among: [invocation]))
        invocation.outcome = .ok
        late.related[1].ordinal = 0
        #expect(!faulted().explain(late, among: [invocation]))
    }

    @Test("is not told of one that hung, whose environment was reset")
    func hanging() {
        for rule in AllRules.list {
            #expect(faulted(.hang).explain(finding(rule, 1)))
            #expect(!faulted(.hang).explain(finding(rule, 0)))
        }
    }

    @Test("has nothing to do with other environments")
    func others() {
        for rule in AllRules.list { #expect(!faulted().explain(finding(rule, 1, in: .random()))) }
    }
}
