package import LoopModel

/// A coroutine that has run already is awaited once more.
///
/// One finding for each line and invocation: an error when the exception came out of the handler, a warning when an
/// `except` that did not mean it has swallowed it.
package struct ReusedCoroutine: DetectionRule {
    package let id = "reused-coroutine"
    package let code = "LW409"
    package let title = "A coroutine is awaited a second time"
    package let severity = Severity.error
    package let summary = "A coroutine runs once; one that is kept, by a cache or a module, cannot be awaited again."
    package let wakingKinds: EventKinds = [.coroutineReused]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                Calling an async function makes a coroutine, and a coroutine runs once, like a generator. \
                functools.lru_cache and functools.cache keep what the call returned, which is the coroutine and not \
                its result; so does a variable of the module, a default argument, or a helper that tries the same \
                coroutine again. The second await raises RuntimeError "cannot reuse already awaited coroutine".
                """,
            whyOnlyWarm: """
                The cold invocation fills the cache and runs the coroutine. Every warm one is handed the same \
                coroutine, which is used up.
                """,
            broken: """
                import asyncio
                import functools


                @functools.lru_cache(maxsize=None)
                async def settings():
                    return {"retries": 3}


                async def work():
                    return await settings()


                def handler(event, context):
                    return asyncio.run(work())
                """,
            fixed: """
                import asyncio

                _settings = None


                async def settings():
                    global _settings
                    if _settings is None:
                        _settings = {"retries": 3}
                    return _settings


                async def work():
                    return await settings()


                def handler(event, context):
                    return asyncio.run(work())
                """,
            seeAlso: ["never-awaited", "https://docs.python.org/3/library/asyncio-task.html#coroutines"]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        let observations = timeline.observations(.coroutineReused)
        return Misuse.all(.coroutineReused, in: timeline).map { misuse in
            let defined = observations.lazy.filter { $0.event.site?.line == misuse.line }.compactMap {
                $0.line(.defined)
            }
            .first
            let what = misuse.text.isEmpty ? "a coroutine" : "a coroutine of \(misuse.text)()"
            let call = misuse.text.isEmpty ? "the async function" : "\(misuse.text)()"
            return timeline.finding(
                of: self,
                severity: misuse.hasEscaped ? severity : .warning,
                ordinal: misuse.ordinal,
                site: misuse.line,
                related: [defined] + misuse.related,
                message: [
                    "\(misuse.moment.actor.sentence) awaited \(what)\(misuse.place) that had been awaited or closed before. "
                        + "A coroutine runs once, and this one was kept.",
                    misuse.hasEscaped ? nil : "The error was swallowed.",
                    misuse.moment.phase == .invocation ? timeline.unharmed(misuse.ordinal) : nil,
                ],
                advice: [
                    "Call \(call) anew for each await, and keep the result rather than the coroutine: "
                        + "functools.lru_cache keeps the coroutine, so store what the await returned."
                ]
            )
        }
    }
}
