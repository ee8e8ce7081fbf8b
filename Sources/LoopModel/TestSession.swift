/// A session of pytest, as `check --pytest` led it: the invocations of its run are its tests.
package struct TestSession: Hashable, Sendable {
    /// Those that pytest has collected, in their order; as many of the first as there are invocations were begun.
    package var tests: [Test]
    /// What the user must know of the session, a sentence each.
    package var notes: [String]
    /// Tests that go wrong because of an earlier one.
    package var dependences: [TestDependence]

    package init(tests: [Test], notes: [String] = [], dependences: [TestDependence] = []) {
        self.tests = tests
        self.notes = notes
        self.dependences = dependences
    }

    /// One test and what became of it.
    package struct Test: Hashable, Sendable {
        /// Its node id, from the folder one stands in: `tests/test_orders.py::test_create`.
        package var id: String
        /// nil: it was not run.
        package var result: Result?
        /// Why it was skipped or has failed, in a line; may be empty.
        package var reason: String

        package init(_ id: String, _ result: Result? = nil, reason: String = "") {
            self.id = id
            self.result = result
            self.reason = reason
        }
    }

    /// As pytest counts them.
    package enum Result: String, Hashable, Sendable, CaseIterable {
        case passed
        case failed
        case skipped
        case xfailed
        case xpassed
    }

    package func count(_ results: Result...) -> Int { tests.count { $0.result.map(results.contains) ?? false } }

    /// How many were collected and not begun, because the session was over before.
    package var skippedByEnd: Int { tests.count { $0.result == nil } }

    var json: JSON {
        [
            "collected": JSON(tests.count),
            "passed": JSON(count(.passed, .xpassed)),
            "failed": JSON(count(.failed)),
            "skipped": JSON(count(.skipped, .xfailed)),
            "notRun": JSON(skippedByEnd),
            "notes": .array(notes.map(JSON.string)),
            "dependences": .array(dependences.map(\.json)),
        ]
    }
}

/// A test that goes wrong after another one, and not alone: seen in sessions of these two.
package struct TestDependence: Hashable, Sendable {
    /// The node id of the test that goes wrong.
    package var test: String
    /// The node id of the one that must have run before.
    package var after: String
    /// What goes wrong: an error's text, or a rule.
    package var what: String
    /// A command line that shows it.
    package var command: String

    package init(test: String, after: String, what: String, command: String) {
        self.test = test
        self.after = after
        self.what = what
        self.command = command
    }

    var json: JSON {
        [
            "test": .string(test), "after": .string(after), "what": .string(what), "command": .string(command),
        ]
    }
}
