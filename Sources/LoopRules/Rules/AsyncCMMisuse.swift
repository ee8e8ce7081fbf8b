package import LoopModel

/// `with` where `async with` is meant, the other way round, or a coroutine that was not awaited before; and a task group
/// or timeout that is used outside of its `async with`.
///
/// One finding for each line and invocation: an error when the exception came out of the handler, a warning when an
/// `except` that did not mean it has swallowed it.
package struct AsyncCMMisuse: DetectionRule {
    package let id = "async-cm-misuse"
    package let code = "LW705"
    package let title = "A context manager is entered wrongly, or used outside its block"
    package let severity = Severity.error
    package let summary =
        "An asynchronous context manager needs async with, a plain one with, and a coroutine has to be awaited first."
    package let wakingKinds: EventKinds = [.asyncCmMisuse]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                `with` calls __enter__ and __exit__, `async with` awaits __aenter__ and __aexit__, and few objects have \
                both. asyncio's locks, and most clients and sessions, are asynchronous; threading's locks and files \
                are not. What a coroutine function returns is neither: it is a coroutine that has to be awaited to \
                get the object. Python 3.11 and later raise TypeError "does not support the context manager \
                protocol"; before it is AttributeError "__enter__" or "__aenter__".
                """,
            whyOnlyWarm: """
                It fails cold and warm alike, on the first call that reaches the line: often in a path for errors or \
                retries that few invocations take.
                """,
            broken: """
                import asyncio


                async def work():
                    lock = asyncio.Lock()
                    with lock:
                        return "done"


                def handler(event, context):
                    return asyncio.run(work())
                """,
            fixed: """
                import asyncio


                async def work():
                    lock = asyncio.Lock()
                    async with lock:
                        return "done"


                def handler(event, context):
                    return asyncio.run(work())
                """,
            seeAlso: ["https://docs.python.org/3/reference/datamodel.html#asynchronous-context-managers"]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        Misuse.all(.asyncCmMisuse, in: timeline).map { misuse in
            let text = misuse.text
            if let block = OutsideOfBlock(text) {
                return timeline.finding(
                    of: self,
                    severity: misuse.hasEscaped ? severity : .warning,
                    ordinal: misuse.ordinal,
                    site: misuse.line,
                    related: misuse.related,
                    message: [
                        "\(misuse.moment.actor.sentence) used \(block.what)\(misuse.place): \(misuse.quoted).",
                        misuse.hasEscaped ? nil : "The error was swallowed, and what was to run did not.",
                        misuse.moment.phase == .invocation ? timeline.unharmed(misuse.ordinal) : nil,
                    ],
                    advice: [block.advice]
                )
            }
            let isCoroutine = text.hasPrefix("'coroutine' ")
            // "__aenter__", or "... does not support the asynchronous context manager protocol".
            let isAsync = text.hasPrefix("__a") || text.contains(" the asynchronous context manager protocol")
            let place = misuse.line.short
            return timeline.finding(
                of: self,
                severity: misuse.hasEscaped ? severity : .warning,
                ordinal: misuse.ordinal,
                site: misuse.line,
                related: misuse.related,
                message: [
                    isAsync
                        ? "An async with\(misuse.place)\(misuse.when) was given what is no asynchronous context manager: "
                            + "\(misuse.quoted)."
                        : "A with\(misuse.place)\(misuse.when) was given what is no plain context manager: "
                            + "\(misuse.quoted).",
                    misuse.hasEscaped ? nil : "The error was swallowed.",
                    misuse.moment.phase == .invocation ? timeline.unharmed(misuse.ordinal) : nil,
                ],
                advice: [
                    isCoroutine
                        ? "Await the coroutine first: async with await ... as ...: (or, where its result is a plain "
                            + "context manager, with await ...) at \(place)."
                        : isAsync
                            ? "Write with instead of async with at \(place), or await what returns the context manager."
                            : "Write async with instead of with at \(place), inside an async def."
                ]
            )
        }
    }
}

/// A task group or timeout before, after or without its `async with`, by the text of the error.
private struct OutsideOfBlock {
    let what: String
    let advice: String

    init?(_ text: String) {
        let isGroup = text.hasPrefix("TaskGroup") || text.hasPrefix("This task group")
        guard isGroup || text.hasPrefix("Timeout ") else { return nil }
        let name = isGroup ? "a task group" : "a timeout"
        if text.hasSuffix("has already been entered") || text.hasSuffix("more than once") {
            what = name + " a second time"
            advice = "Make a new one for each async with; one that is kept from an earlier invocation is used up."
        } else if text.hasSuffix("inside a task") {
            what = name + " where no task runs"
            advice = "Enter it in a coroutine that runs as a task: one that asyncio.run(...) runs, or create_task(...)."
        } else {
            what = name + " outside of its async with"
            advice =
                isGroup
                ? "Call create_task() inside the block: async with asyncio.TaskGroup() as group: ...; the block waits for "
                    + "its tasks, and ends the group."
                : "Enter it with async with before it is used."
        }
    }
}
