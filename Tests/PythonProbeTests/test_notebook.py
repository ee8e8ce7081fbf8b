"""Notebooks as handlers: cells in their order, in a running loop, as Jupyter runs them."""

import json
import unittest

from fake_daemon import INIT_ERROR, READY, FakeDaemon
from fake_zygote import fork_workers, spawn_workers

setUpModule, tearDownModule = fork_workers, spawn_workers

ASYNC = "import asyncio\nasync def main():\n    await asyncio.sleep(0)\n    return 5"


def notebook(*cells, version=4, language="python"):
    """The text of a notebook; a cell is its source, or a dictionary."""
    made = []
    for cell in cells:
        cell = cell if isinstance(cell, dict) else {"source": cell}
        made.append(dict({"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}, **cell))
    kernel = {"language": language, "name": "kernel"}
    return json.dumps({"nbformat": version, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": made})


class NotebookTests(unittest.TestCase):
    def daemon(self, text, host="running"):
        daemon = FakeDaemon("", handler="report.ipynb", kind="notebook", host=host)
        self.addCleanup(daemon.close)
        daemon.write("report.ipynb", text)
        return daemon

    def run_all(self, *cells):
        """Runs a notebook once; returns the daemon and the reply."""
        daemon = self.daemon(notebook(*cells))
        self.assertEqual(daemon.start(), READY, getattr(daemon, "init_error", None))
        return daemon, daemon.invoke({})

    def refusal(self, text):
        daemon = self.daemon(text)
        self.assertEqual(daemon.start(), INIT_ERROR)
        return daemon.init_error

    def test_cells_await_where_a_loop_runs_and_a_second_run_finds_what_the_first_has_left(self):
        check = "assert __name__ == '__main__'\ntimes = globals().get('times', 0) + 1\nassert await main() == 5"
        daemon, reply = self.run_all(ASYNC, "loop = asyncio.get_running_loop()", check, "[times, await main()]")
        self.assertEqual(reply.value, {"cells": 4})
        self.assertEqual(daemon.invoke({}).value, {"cells": 4})
        daemon.shut_down()
        self.assertEqual(daemon.stdout.split("\n"), ["[1, 5]", "[2, 5]", ""])

    def test_a_task_goes_on_between_two_cells(self):
        _, reply = self.run_all(ASYNC, "task = asyncio.create_task(main())", "assert task.done() or await task == 5")
        self.assertTrue(reply.ok, reply.payload)

    def test_what_only_ipython_understands_does_nothing(self):
        text = '"""\n%not magic\n! neither\n"""'
        cells = ["%matplotlib inline\n!pip install x\nimport json\njson?", "files = !ls\n%time y = 4", text]
        cells += ["%%bash\nexit 1", "%%time\ny += 1", "if y:\n    %pip install x\nassert (files, y) == (None, 5)"]
        _, reply = self.run_all(*cells)
        self.assertEqual(reply.value, {"cells": 5})

    def test_an_error_names_cell_and_line(self):
        _, reply = self.run_all(" ", ASYNC, {"cell_type": "markdown", "source": "# Text"}, "\ndef f():\n    1 % 0\nf()")
        self.assertFalse(reply.ok)
        self.assertEqual(reply.value["errorType"], "ZeroDivisionError")
        places = [line.split("/")[-1].split(", in")[0] for line in reply.value["stackTrace"]]
        self.assertEqual(places, ['report.ipynb:cell 2", line 4', 'report.ipynb:cell 2", line 3'])
        self.assertIn("    f()", reply.value["stackTrace"][0])

    def test_the_tags_that_nbclient_knows(self):
        skipped = {"source": "raise SystemExit", "metadata": {"tags": ["skip-execution"]}}
        raising = {"source": "1 / 0", "metadata": {"tags": ["raises-exception"]}}
        self.assertEqual(self.run_all(skipped, raising, "x = 1")[1].value, {"cells": 2})
        raising["metadata"] = {}
        self.assertFalse(self.run_all(skipped, raising, "x = 1")[1].ok)

    def test_a_coroutine_at_the_end_of_a_cell_is_shown_and_told_of(self):
        daemon, reply = self.run_all(ASYNC, "\nmain()")
        dropped = [event for event in reply.events if event["event"] == "never-awaited"]
        self.assertEqual([event["site"]["line"] for event in dropped], [2])
        self.assertTrue(dropped[0]["site"]["file"].endswith("report.ipynb:cell 2"))
        daemon.shut_down()
        self.assertIn("<coroutine object main", daemon.stdout)
        _, reply = self.run_all(ASYNC, "await main()")
        self.assertNotIn("never-awaited", reply.kinds())

    def test_a_future_import_holds_for_later_cells(self):
        cells = ["from __future__ import annotations", "def f(x: no_such_name): return 1\nf(2)"]
        self.assertTrue(self.run_all(*cells)[1].ok)
        self.assertFalse(self.run_all(*cells[1:])[1].ok)

    def test_what_is_no_notebook_of_python_is_refused(self):
        for text, part in (
            ("{oops", "Notebook 'report.ipynb' is no JSON: "),
            ("[]", "'report.ipynb' is no notebook: "),
            (notebook("x = 1", version=3), "has the format 3, expected is 4"),
            (notebook("x = 1", language="julia"), "is in julia: only Python can be run"),
        ):
            error = self.refusal(text)
            self.assertEqual(error["errorType"], "Runtime.UnreadableNotebook")
            self.assertIn(part, error["errorMessage"])
        error = self.refusal(notebook("x = 1", "x = 1\ndef f(:\n    pass"))
        self.assertEqual(error["errorType"], "Runtime.UserCodeSyntaxError")
        self.assertIn("Syntax error in 'report.ipynb:cell 2'", error["errorMessage"])
        self.assertIn("Line 2", error["stackTrace"][0])
        self.assertEqual(self.refusal(notebook("return 5"))["errorType"], "Runtime.UserCodeSyntaxError")


if __name__ == "__main__":
    unittest.main()
