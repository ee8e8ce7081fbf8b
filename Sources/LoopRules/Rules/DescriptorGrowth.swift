package import LoopModel

/// The number of open descriptors rises from invocation to invocation.
///
/// One finding for each invocation in which it has risen again. Its site is the line that opens them where it could be
/// seen, else the handler's own. The probe tells of growth that goes on; what leaked loops, left children and unclosed
/// connections explain is told as those.
package struct DescriptorGrowth: DetectionRule {
    package let id = "descriptor-growth"
    package let code = "LW605"
    package let title = "Open descriptors pile up"
    package let severity = Severity.error
    package let summary = "Every invocation leaves files, pipes or sockets open; the process runs out of descriptors."
    package let wakingKinds: EventKinds = [.descriptors]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                Files, pipes and sockets hold a descriptor until they are closed. One that is kept in a list, a cache \
                or an object that nobody lets go holds it as long as the process lives.
                """,
            whyOnlyWarm: """
                One descriptor more does not matter. It takes an environment that lives long enough: at some 1,024 \
                (AWS Lambda's limit) the first open() or connect() that fails is in code that has nothing to do with it.
                """,
            broken: """
                logs = []


                def handler(event, context):
                    log = open("/dev/null", "w")
                    logs.append(log)
                    log.write("begin")
                """,
            fixed: """
                def handler(event, context):
                    with open("/dev/null", "w") as log:
                        log.write("begin")
                """,
            seeAlso: [
                "leaked-loop", "leaked-subprocess", "unclosed-resource",
                "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
            ]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        timeline.observations(.descriptors).compactMap { observation in
            let gained = Int(clamping: observation.event.value) - timeline.environment.descriptorsAtReady
            guard gained > 0, !isExplained(observation, gained, in: timeline) else { return nil }
            return finding(about: observation, gained, in: timeline)
        }
    }

    /// Whether another rule names the cause.
    private func isExplained(_ observation: Observation, _ gained: Int, in timeline: Timeline) -> Bool {
        let held = Leak.all(in: timeline.after, on: timeline.environment).filter(\.isGrowing)
            .flatMap { leak in leak.loops.filter(leak.holdsDescriptors).map(\.descriptors) }
            .reduce(0, +)
        if 2 * held >= gained { return true }
        let isUnknown = observation.event.flags.contains(.lineIsHandlers)
        return timeline.events.contains { event in
            [.childLeft, .resourceUnclosed].contains(event.kind)
                && (isUnknown || event.site?.line == observation.event.site?.line)
        }
    }

    private func finding(about observation: Observation, _ gained: Int, in timeline: Timeline) -> Finding? {
        guard let site = observation.event.site else { return nil }
        let event = observation.event
        let ordinal = timeline.ordinal(of: observation.moment)
        let first = observation.related.first { $0.role.rawValue == "grew" }?.ordinal ?? ordinal ?? 0
        let isUnknown = event.flags.contains(.lineIsHandlers)
        let kind = event.detail ?? "descriptors"
        let opener =
            isUnknown
            ? "Which line opens them could not be seen; the handler is at \(site.line.short)."
            : "Most of them are \(kind), opened\(site.place)."
        return timeline.finding(
            of: self,
            severity: isUnknown ? .warning : severity,
            ordinal: ordinal,
            site: site.line,
            related: [RelatedSite(role: .opened, ordinal: ordinal, line: site.line)]
                + observation.related.filter { $0.role == .opened }
                + [site.library.map { RelatedSite(role: .via, ordinal: ordinal, line: $0) }],
            message: [
                "The number of open descriptors has gone on rising since invocation \(first): there are \(event.value), "
                    + "\(gained) more than when the handler was loaded.",
                opener,
                forecast(gained, at: ordinal, in: timeline.environment),
                timeline.unharmed(ordinal),
            ],
            advice: [
                isUnknown
                    ? "Look for what each invocation opens and keeps: files, sockets, clients, pipes; close it there, or "
                        + "make it once and keep it."
                    : "Close what is opened\(site.place) in the invocation that opens it, best with a with statement; or "
                        + "open it once and keep it for the whole environment."
            ]
        )
    }

    private func forecast(_ gained: Int, at ordinal: Int?, in environment: EnvironmentRecord) -> String? {
        guard let ordinal, environment.descriptorLimit > 0, environment.descriptorsAtReady > 0 else { return nil }
        let free = environment.descriptorLimit - environment.descriptorsAtReady
        let last = max(free * (ordinal + 1) / gained, ordinal + 1)
        return
            "At this rate the process runs out of its \(environment.descriptorLimit) descriptors in invocation \(last)."
    }
}
