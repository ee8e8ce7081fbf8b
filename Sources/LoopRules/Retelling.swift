/// Tells a rule's story, which speaks of invocations, of a suite's tests.
struct Retelling {
    /// What an invocation is called.
    let name: (_ ordinal: Int) -> String

    /// What is said otherwise; the longer first.
    private static let phrases: [(of: String, told: String)] = [
        ("The invocation succeeded anyway.", "The test passed anyway."),
        (" What shall go on after the answer belongs into a queue or an invocation of its own.", ""),
        (
            ", but the whole process is frozen between invocations: it goes on in a later one, or never.",
            ", beside later tests."
        ),
        (": it was frozen in between, and ran on the time of another request.", ", on the time of another test."),
        (
            "it goes on when a later invocation runs the loop, or never",
            "it goes on when a later test runs the loop, or never"
        ),
        (": it gives each invocation a fresh one", ""),
        ("so every warm start meets the closed loop", "so every later test meets the closed loop"),
        ("The host created ", "pytest's plugin created "),
        ("the host had closed ", "pytest's plugin had closed "),
        (
            "Make it inside the handler, on the loop that runs it, and close it before that loop is closed.",
            "Make it in the test, or in a fixture of the same loop, and close it there; or let the tests that share it share "
                + "a loop, as pytest-asyncio's loop_scope does."
        ),
        ("and the host cancelled it with its loop", "and pytest's plugin cancelled it with its loop"),
        ("asyncio.run() ended while ", "its loop was ended while "),
        ("in the current-loop slot of the handler's thread", "in the current-loop slot of the tests' thread"),
        ("(the host ends the environment)", ""),
        ("while the handler was loaded", "while the tests were collected"),
        ("loading the handler", "collecting the tests"),
        ("Before the handler returns", "Before the test returns"),
        ("inside the handler", "inside the test"),
        ("The handler", "The test"), ("the handler", "the test"),
        (" had answered", " had ended"), (" answered while ", " ended while "), (" answered, and", " ended, and"),
        ("before answering", "before the test ends"), ("before the answer", "before the test ends"),
        ("after the answer", "after the test"), ("outlives the answer", "outlives the test"),
        ("when the environment was shut down", "when the session was over"),
        ("the environment's life", "the session"), ("the environment's", "the session's"),
        ("the whole environment", "the whole session"), ("the environment", "the session"),
        ("of an environment", "of a session"), ("in an environment", "in a session"),
        ("every warm start", "every later test"), ("warm start", "later test"),
        ("All invocations of the session", "All tests"), ("all invocations", "all tests"),
        ("an invocation", "a test"), ("invocation", "test"), ("Invocation", "Test"),
    ]

    func text(_ text: String) -> String {
        var text = Self.withoutForecasts(text)
        text = text.replacing(/[Ii]nvocation (\d+) gets the closed loop from get_event_loop\(\), and will fail/) { _ in
            "The next test that calls get_event_loop() gets the closed loop, and fails"
        }
        text = text.replacing(/[Tt]he invocations (\d+) to (\d+)/) { match in
            "\(name(match.1)) to \(name(match.2))"
        }
        text = text.replacing(/[Tt]he invocations (\d+(?:, \d+)* and \d+)/) { match in
            match.1.replacing(/\d+/) { name($0.0) }
        }
        text = text.replacing(/invocations from (\d+) to (\d+)/) { match in
            "tests from \(name(match.1)) to \(name(match.2))"
        }
        text = text.replacing(/(\d+) invocations, the latest of them (\d+)/) { match in
            "\(match.1) tests, the latest of them \(name(match.2))"
        }
        text = text.replacing(/after invocation (\d+)(?: \(cold\))? had answered/) { match in
            name(match.1, after: "after ", " had ended")
        }
        text = text.replacing(/in invocation (\d+)(?: \(cold\))?/) { match in name(match.1, after: "in ", "") }
        text = text.replacing(/[Ii]nvocation (\d+)(?: \(cold\))?/) { match in name(match.1) }
        text = text.replacing(
            /, and take out the close at (\S+)\. To keep one loop for the environment's life, never close it\./
        ) {
            "; or call asyncio.set_event_loop(None) beside the close at \($0.1)."
        }
        for phrase in Self.phrases { text = text.replacing(phrase.of, with: phrase.told) }
        return text
    }

    private func name(_ digits: Substring) -> String { name(Int(digits) ?? 0) }

    /// With the words around it, where the end of the session and the collection want others.
    private func name(_ digits: Substring, after before: String, _ behind: String) -> String {
        let name = name(digits)
        guard name.hasPrefix("the ") else { return before + name + behind }
        if before == "in " { return name == "the collection" ? "while the tests were collected" : "at \(name)" }
        return before + name + (name == "the collection" ? behind : "")
    }

    /// Without what is only true of a function that is called again and again.
    private static func withoutForecasts(_ text: String) -> String {
        text.replacing(/\ ?At this rate .*? in invocation \d+(?:, unless the garbage collector comes before)?\./) { _ in
            ""
        }
    }
}
