package import LoopModel

/// A connection or client is open when its loop is closed, or is collected while it is open.
///
/// One finding for each line and invocation. Its site is the line that made it. A connection that a module keeps is
/// told only when a later invocation makes another one there; a client that is used again is `closed-loop-reuse`.
package struct UnclosedResource: DetectionRule {
    package let id = "unclosed-resource"
    package let code = "LW604"
    package let title = "A connection or client is never closed"
    package let severity = Severity.warning
    package let summary = "A connection that is open when its event loop is closed can no longer be closed or used."
    package let wakingKinds: EventKinds = [.resourceUnclosed]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                A transport lives on the event loop that it was made on. When that loop is closed first, the \
                connection can neither send what it still has nor say goodbye: the other side waits, and the socket \
                stays until the garbage collector comes. Python says so in a ResourceWarning, which is not shown \
                unless asked for.
                """,
            whyOnlyWarm: """
                It happens cold as well, but shows only in sum: the server's connections run out, or this process's \
                descriptors do.
                """,
            broken: """
                import asyncio
                import socket


                async def ask(port):
                    reader, writer = await asyncio.open_connection("127.0.0.1", port)
                    return writer.get_extra_info("peername")[1]


                def handler(event, context):
                    with socket.create_server(("127.0.0.1", 0)) as server:
                        return asyncio.run(ask(server.getsockname()[1]))
                """,
            fixed: """
                import asyncio
                import socket


                async def ask(port):
                    reader, writer = await asyncio.open_connection("127.0.0.1", port)
                    try:
                        return writer.get_extra_info("peername")[1]
                    finally:
                        writer.close()
                        await writer.wait_closed()


                def handler(event, context):
                    with socket.create_server(("127.0.0.1", 0)) as server:
                        return asyncio.run(ask(server.getsockname()[1]))
                """,
            seeAlso: [
                "closed-loop-reuse", "descriptor-growth",
                "https://docs.python.org/3/library/asyncio-stream.html#asyncio.StreamWriter.wait_closed",
            ]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        var told: Set<CodeLine> = []
        return timeline.observations(.resourceUnclosed).compactMap { observation in
            guard let site = observation.event.site, told.insert(site.line).inserted else { return nil }
            return finding(about: observation, at: site, in: timeline)
        }
    }

    private func finding(about observation: Observation, at site: CodeSite, in timeline: Timeline) -> Finding {
        let event = observation.event
        let what = event.detail ?? "connection"
        let made = observation.line(.created)?.ordinal
        let ordinal = timeline.invocation?.ordinal ?? observation.moment.invocation
        let birth =
            "\(what.sentence == what ? "The" : "A") \(what) made\(site.place)"
            + (made.map { " in \(named($0))" } ?? "")
        let fate: String
        if event.flags.contains(.wasCollected) {
            fate = "was never closed; the garbage collector took it while it was open."
        } else if event.flags.contains(.isKept) {
            fate =
                "was still open when its loop was closed, as was the one that an earlier invocation had made there: each "
                + "makes its own and none is used again."
        } else {
            fate = "was still open when its loop was closed: it can be neither used nor properly closed any more."
        }
        let isClient = what != "connection" && what != "datagram endpoint"
        let advice: String
        if let library = site.library, !isClient {
            advice =
                "Close the object of \(library.packageName) that makes it before the loop ends, best with async with."
        } else if isClient {
            advice =
                "Use the \(what)\(site.place) in an async with statement, or await its close() before the loop ends."
        } else {
            advice =
                "Close what is made\(site.place) in a finally: writer.close() and await writer.wait_closed(), or "
                + "transport.close()."
        }
        return timeline.finding(
            of: self,
            severity: severity,
            ordinal: ordinal,
            site: site.line,
            related: [RelatedSite(role: .created, ordinal: made, line: site.line)]
                + [site.library.map { RelatedSite(role: .via, ordinal: made, line: $0) }],
            message: ["\(birth) \(fate)", timeline.unharmed(ordinal)],
            advice: [advice]
        )
    }
}
