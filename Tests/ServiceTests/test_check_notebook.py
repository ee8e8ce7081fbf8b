"""`loopwarden check NOTEBOOK.ipynb`: cell and line instead of file and line."""

import json

import harness

ASYNC = "import asyncio\n\n\nasync def main():\n    await asyncio.sleep(0)"
FIXED = harness.PLUGINS / "notebook-run-fixed" / "report.ipynb"
BROKEN = harness.PLUGINS / "notebook-run-broken" / "report.ipynb"


class CheckNotebookTests(harness.CheckTestCase):
    def notebook(self, *cells):
        made = [{"cell_type": "code", "metadata": {}, "source": cell.splitlines(True)} for cell in cells]
        text = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made})
        return self.write(text, "report.ipynb")

    def test_what_awaits_in_its_cells_is_clean_and_what_runs_a_loop_is_told_by_cell_and_line(self):
        done = self.check(FIXED)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        done = self.check(BROKEN)
        self.assertEqual(done.returncode, 2)
        for part in (
            "report.ipynb:cell 3:1\n",
            '1 | report = asyncio.run(collect(["book", "pen"]))\n',
            "fix: Await the coroutine in the cell itself, as in: await main().",
            'report.ipynb:cell 3", line 1, in <cell>',
        ):
            self.assertIn(part, done.stdout)

    def test_a_loop_that_each_run_leaves_open_shows_when_all_cells_are_run_again(self):
        done = self.check(self.notebook(ASYNC, "loop = asyncio.new_event_loop()", "await main()"), "--json")
        self.assertEqual(done.returncode, 1, done.stdout)
        (finding,) = json.loads(done.stdout)["findings"]
        self.assertEqual((finding["rule"], finding["site"]["file"]), ("leaked-loop", "report.ipynb:cell 2"))

    def test_a_comment_in_the_cell_allows_a_finding(self):
        told = "loop = asyncio.new_event_loop()"
        allowed = told + "  # loopwarden: allow leaked-loop because the kernel ends soon"
        self.assertEqual(self.check(self.notebook(ASYNC, told)).returncode, 1)
        self.assertEqual(self.check(self.notebook(ASYNC, allowed)).returncode, 0)

    def test_another_host_is_no_place_for_a_notebook(self):
        done = self.check(FIXED, "--host", "bare,jupyter")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("a notebook's cells run where a loop runs already", " ".join(done.stdout.split()))

    def test_what_is_no_notebook_says_so_in_one_message(self):
        done = self.check(self.write("{oops", "report.ipynb"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("Notebook 'report.ipynb' is no JSON: ", done.stdout)
        self.assertNotIn("loopwarden_worker", done.stdout + done.stderr)
