"""Errors told as Python tells them: the user's frames, and no others."""

import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

import watching  # noqa: F401  # finds the sources
from loopwarden_worker import faults
from loopwarden_worker.handlers import functions


class PlainTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        sys.path.insert(0, folder.name)
        self.addCleanup(sys.path.remove, folder.name)

    def told(self, source, name="lw_plain_app", plainly=True):
        """What is printed when a module of that source is loaded in vain."""
        (self.folder / (name + ".py")).write_text(source)
        self.addCleanup(sys.modules.pop, name, None)
        output = io.StringIO()
        with contextlib.redirect_stdout(output), self.assertRaises(Exception) as caught:
            functions.find(name + ".handler")
        faults.tells_plainly = plainly
        self.addCleanup(setattr, faults, "tells_plainly", False)
        with contextlib.redirect_stdout(output):
            self.document = faults.report(caught.exception, "")
        return output.getvalue()

    def test_a_module_that_is_missing(self):
        text = self.told("import lw_no_such_module\n")
        self.assertTrue(text.startswith("Traceback (most recent call last):\n"))
        self.assertIn("import lw_no_such_module\n", text)
        self.assertTrue(text.endswith("ModuleNotFoundError: No module named 'lw_no_such_module'\n"))
        self.assertNotIn("importlib", text)
        self.assertNotIn("functions.py", text)
        self.assertIn(b"Runtime.ImportModuleError", self.document)

    def test_syntax_has_its_mark(self):
        text = self.told("def handler(event, context)\n    pass\n")
        self.assertIn('lw_plain_app.py", line 1\n', text)
        self.assertRegex(text, r"\n +\^\n")
        self.assertIn("SyntaxError: ", text)
        self.assertNotIn("Traceback", text)

    def test_what_led_to_it(self):
        text = self.told("try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise KeyError('x') from error\n")
        self.assertIn("ZeroDivisionError: division by zero", text)
        self.assertIn("direct cause", text)
        self.assertNotIn("importlib", text)

    def test_a_function_that_is_missing(self):
        self.assertEqual(
            self.told("one = 1\n"),
            "Runtime.HandlerNotFound: Handler 'handler' missing on module 'lw_plain_app'\n",
        )

    def test_an_exception_without_words_does_no_harm(self):
        text = self.told("class Mute(Exception):\n    def __str__(self):\n        raise ValueError\n\n\nraise Mute\n")
        self.assertIn("Mute", text)

    def test_otherwise_they_are_lambdas(self):
        text = self.told("import lw_no_such_module\n", plainly=False)
        self.assertTrue(text.startswith("[ERROR] Runtime.ImportModuleError: Unable to import module"))


if __name__ == "__main__":
    unittest.main()
