"""What the worker tells of the modules that a handler imports, and that nobody sees it looking."""

import json
import os
import re
import textwrap
import unittest

from fake_daemon import READY, FakeDaemon

IMPORTS = 0x8A
OWN, ELSEWHERE, LATE, THREAD = 1, 2, 4, 8
#: Long enough to be told.
SLOW = "import time\ntime.sleep(0.002)\n"


class ImportTests(unittest.TestCase):
    def setUp(self):
        self.names = set()  # of the test's own modules

    def worker(self, source, files=None, libraries=None, imports=True, **options):
        daemon = FakeDaemon(textwrap.dedent(source), imports=imports, **options)
        self.addCleanup(daemon.close)
        folder = os.path.join(daemon.folder, "libraries")
        os.makedirs(folder)
        daemon._config["extraPaths"] = [folder]
        for place, modules in ((daemon.root, files or {}), (folder, libraries or {})):
            for name, text in modules.items():
                os.makedirs(os.path.dirname(os.path.join(place, name)), exist_ok=True)
                with open(os.path.join(place, name), "w") as file:
                    file.write(textwrap.dedent(text))
                self.names.add(name.split("/")[-2 if name.endswith("/__init__.py") else -1].partition(".")[0])
        self.assertEqual(daemon.start(), READY, getattr(daemon, "init_error", ""))
        return daemon

    def told(self, daemon):
        """Of READY, the test's own modules beside the handler's: name → (whole time, own time, flags)."""
        modules = daemon.info["imports"]["modules"]
        return {name: tuple(rest) for name, *rest in modules if name.rpartition(".")[2] in self.names}

    def late(self, daemon):
        """What comes after the first answer; None: the next answer."""
        daemon.send_invoke(None)
        kind, body = daemon._receive()
        return json.loads(body.decode()) if kind == IMPORTS else None

    def test_what_the_handler_imports_is_told_with_all_that_it_imports_in_turn(self):
        daemon = self.worker(
            "import heavy, own\ndef handler(event, context): return 1\n",
            {"own.py": SLOW + "import light"},
            {
                "heavy/__init__.py": "from . import part\n" + SLOW,
                "heavy/part.py": "import deep\n" + SLOW,
                "deep.py": SLOW,
                "light.py": SLOW,
            },
        )
        told = self.told(daemon)
        self.assertEqual({name: flags for name, (_, _, flags) in told.items()}, {"heavy": 0, "light": 0, "own": OWN})
        whole, own, _ = told["heavy"]
        self.assertGreaterEqual(whole, 6_000_000)
        self.assertTrue(2_000_000 <= own <= whole - 4_000_000, told)
        self.assertEqual(told["own"][0], told["own"][1])
        self.assertGreaterEqual(daemon.info["imports"]["total"], told["heavy"][0] + told["light"][0])

    def test_a_module_of_the_function_that_a_library_imports_is_none_of_the_library(self):
        daemon = self.worker(
            "import heavy\ndef handler(event, context): return 1\n",
            {"settings.py": SLOW * 5 + "import light"},
            {"heavy.py": "import settings\n" + SLOW, "light.py": SLOW},
        )
        told = self.told(daemon)
        flags = {name: flags for name, (_, _, flags) in told.items()}
        self.assertEqual(flags, {"heavy": 0, "light": 0, "settings": OWN})
        self.assertLess(told["heavy"][0], told["settings"][0])
        self.assertGreaterEqual(told["settings"][0], 10_000_000)

    def test_submodules_are_told_by_the_names_by_which_they_are_imported(self):
        daemon = self.worker(
            "import heavy.part.deep\nfrom heavy import another\ndef handler(event, context): return 1\n",
            libraries={
                "heavy/__init__.py": SLOW,
                "heavy/part/__init__.py": SLOW,
                "heavy/part/deep.py": SLOW,
                "heavy/another.py": SLOW,
            },
        )
        told = self.told(daemon)
        self.assertEqual(set(told), {"heavy.part.deep", "heavy.another"})
        self.assertGreaterEqual(told["heavy.part.deep"][0], 6_000_000)

    def test_what_the_first_invocation_imports_is_told_after_its_answer_and_no_later_one_is_looked_at(self):
        daemon = self.worker(
            """
            import importlib._bootstrap as bootstrap
            def handler(event, context):
                import late
                if event:
                    import later
                return bootstrap._ModuleLockManager.__module__
            """,
            libraries={"late.py": SLOW, "later.py": SLOW},
        )
        self.assertEqual(self.told(daemon), {})
        reply = daemon.invoke()
        self.assertIn("loopwarden", reply.value)
        late = self.late(daemon)
        self.assertIn(("late", LATE), [(name, flags) for name, _, _, flags in late["modules"]])
        kind, _ = daemon._receive()
        self.assertEqual(kind, 0x84)
        daemon._ordinal += 1
        daemon.last_generation += 1
        self.assertIn("importlib", daemon.invoke("later").value)

    def test_modules_that_a_zygote_would_not_find_and_those_that_leave_threads_are_marked(self):
        daemon = self.worker(
            """
            import os, sys
            sys.path.append(os.path.join(os.path.dirname(os.path.dirname(__file__)), "elsewhere"))
            import vendored, threads, remote
            def handler(event, context): return 1
            """,
            {"vendored/__init__.py": SLOW, "../elsewhere/remote.py": SLOW},
            {"threads.py": "import threading, time\nthreading.Thread(target=time.sleep, args=(9,)).start()\n" + SLOW},
        )
        flags = {name: flags for name, (_, _, flags) in self.told(daemon).items()}
        self.assertEqual(flags, {"vendored": OWN, "threads": THREAD, "remote": ELSEWHERE})

    def test_what_cannot_be_imported_and_what_the_worker_wants_for_itself_is_not_told(self):
        daemon = self.worker(
            "try:\n    import broken\nexcept ImportError:\n    pass\ndef handler(event, context): return 1\n",
            libraries={"broken.py": SLOW + "raise ImportError('not today')\n"},
            host="kept",
        )
        self.assertEqual(self.told(daemon), {})

    def test_nothing_is_to_be_seen_of_it(self):
        source = """
            import importlib, sys, traceback
            before = [type(each).__name__ for each in sys.meta_path]
            texts = []
            for load in (lambda: __import__("broken"), lambda: importlib.import_module("broken")):
                try:
                    load()
                except ZeroDivisionError:
                    texts.append(traceback.format_exc())
            import stacks
            def handler(event, context):
                return [texts, before, stacks.NAMES, repr(stacks.__spec__), type(stacks.__loader__).__name__]
            """
        libraries = {
            "broken.py": "1 / 0\n",
            "stacks.py": "import sys\nNAMES, frame = [], sys._getframe()\nwhile frame:\n"
            "    NAMES.append((frame.f_code.co_filename, frame.f_code.co_name))\n    frame = frame.f_back\n",
        }
        seen = []
        for imports in (True, False):
            daemon = self.worker(source, None, libraries, imports)
            text = json.dumps(daemon.invoke().value)
            self.assertNotIn("imports.py", text)
            self.assertIn("broken.py", text)
            seen.append(re.sub("0x[0-9a-f]+", "", text.replace(daemon.folder, "")))
            self.assertEqual(daemon.info["imports"] is not None, imports)
        self.assertEqual(*seen)

    def test_it_is_not_there_unless_it_is_asked_for(self):
        daemon = self.worker("def handler(event, context): return 1\n", imports=False)
        self.assertIsNone(daemon.info["imports"])
        daemon = self.worker("import heavy\ndef handler(event, context): return 1\n", None, {"heavy.py": SLOW})
        self.assertEqual(set(self.told(daemon)), {"heavy"})

    def test_handlers_that_take_the_import_system_apart_are_none_the_worse(self):
        daemon = self.worker(
            """
            import sys, importlib._bootstrap as bootstrap
            class Another(bootstrap._ModuleLockManager):
                def __exit__(self, *details):
                    return super().__exit__(*details)
            bootstrap._ModuleLockManager = Another
            sys.meta_path.insert(0, type("Finder", (), {"find_spec": staticmethod(lambda *_: None)}))
            sys.setrecursionlimit(200)
            import heavy
            def deep(count):
                if count == 0:
                    import heavy.part
                else:
                    deep(count - 1)
            raised = set()
            for count in range(100, 190):
                try:
                    sys.modules.pop("heavy.part", None)
                    deep(count)
                except RecursionError:
                    raised.add(count)
            sys.setrecursionlimit(1000)
            def handler(event, context):
                import heavy.part
                return [bootstrap._ModuleLockManager is Another, bool(raised), len(raised) < 90]
            """,
            libraries={"heavy/__init__.py": SLOW, "heavy/part.py": ""},
        )
        self.assertIn("heavy", self.told(daemon))
        self.assertEqual(daemon.invoke().value, [True, True, True])


if __name__ == "__main__":
    unittest.main()
