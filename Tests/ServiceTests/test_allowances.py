"""A finding that the user calls right, in a comment or in the manifest, is counted and not told."""

import unittest

import harness

HANDLER = """
import asyncio

{above}
loop = asyncio.new_event_loop(){beside}


def handler(event, context):
    loop.close()
"""
COMMENT = "# loopwarden: allow {} because the test says so"


class AllowanceTests(harness.ServiceTestCase):
    def findings(self, above="", beside="", allow=None):
        """The rules that speak of a cold and a warm invocation, and how many findings were allowed."""
        text = HANDLER.format(above=above, beside=beside)
        folder = harness.write_plugin(self.scratch / "plugins", "subject", text, host="bare")
        if allow:
            with open(folder / "plugin.yaml", "a") as manifest:
                manifest.write("allow:\n  - {}\n".format(allow))
        with harness.Daemon(plugins=[self.scratch / "plugins"]) as daemon, daemon.connect() as connection:
            replies = [connection.invoke("subject"), connection.invoke("subject")]
            rules = [finding["rule"] for reply in replies for finding in reply["findings"]]
            self.assertEqual(daemon.rows("SELECT count(*) FROM finding")[0][0], len(rules))
            _, status = connection.ask("GET", "/v1/status")
            self.assertIn("allowedFindings", str(status))
            return rules

    def test_a_comment_on_the_line_or_above_it_allows_one_rule_there(self):
        self.assertEqual(self.findings(), ["module-scope-loop"])
        self.assertEqual(self.findings(beside="  " + COMMENT.format("module-scope-loop")), [])
        self.assertEqual(self.findings(above=COMMENT.format("leaked-loop, LW204")), [])

    def test_a_comment_about_another_rule_or_another_line_allows_nothing(self):
        self.assertEqual(self.findings(beside="  " + COMMENT.format("leaked-loop")), ["module-scope-loop"])
        self.assertEqual(self.findings(above=COMMENT.format("module-scope-loop") + "\n"), ["module-scope-loop"])

    def test_the_manifest_allows_by_rule_file_and_line(self):
        self.assertEqual(self.findings(allow="module-scope-loop because it is a test"), [])
        self.assertEqual(self.findings(allow="LW204 at handler.py:5"), [])
        self.assertEqual(self.findings(allow="LW204 at handler.py:6"), ["module-scope-loop"])

    def test_an_unknown_rule_in_the_manifest_is_told(self):
        harness.write_plugin(self.scratch / "plugins", "subject", HANDLER.format(above="", beside=""))
        with open(self.scratch / "plugins/subject/plugin.yaml", "a") as manifest:
            manifest.write("allow: [module-scope-lop]\n")
        with harness.Daemon(plugins=[self.scratch / "plugins"]) as daemon, daemon.connect() as connection:
            _, status = connection.ask("GET", "/v1/status")
            self.assertIn('did you mean \\"module-scope-loop\\"', harness.json.dumps(status))


if __name__ == "__main__":
    unittest.main()
