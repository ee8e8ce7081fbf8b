"""`Scripts/bench --quick` runs all its subjects, and writes what its schema says. Figures are not judged here."""

import contextlib
import copy
import io
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

import harness
from test_check_outputs import closed

SCRIPTS = harness.HOME / "Scripts"
SCHEMA = harness.HOME / "Config/schemas/bench-1.json"
SUBJECTS = ["warm", "throughput", "cold", "churn", "command", "watching", "store", "reports", "memory"]

sys.path.insert(0, str(SCRIPTS))
from benchmarks.context import is_static  # noqa: E402
from benchmarks.daemon import Daemon  # noqa: E402
from benchmarks.rows import RATE, TIME, Row, floor, peer  # noqa: E402
from benchmarks.subjects import ALL_SUBJECTS  # noqa: E402
from benchmarks.table import TITLE, lines  # noqa: E402


class RowTests(unittest.TestCase):
    def test_ratios_say_how_far_a_floor_is_and_how_much_better_than_a_peer(self):
        row = Row("a", "", TIME, floor("f", "", goal=2), peer("p", "", goal=3), goal=50, stretch=30)
        measured = row.measured([{"a": 40, "f": 10, "p": 160}, {"a": 60, "f": 20, "p": 180}], {})
        self.assertEqual([measured[key] for key in ("median", "low", "high")], [50, 40, 60])
        self.assertEqual((measured["goal"]["isMet"], measured["stretch"]["isMet"]), (True, False))
        beside_floor, beside_peer = measured["beside"]
        self.assertEqual((beside_floor["ratio"]["rounds"], beside_floor["goal"]["isMet"]), ([4, 3], False))
        self.assertEqual((beside_peer["ratio"]["rounds"], beside_peer["goal"]["isMet"]), ([4, 3], True))

    def test_where_more_is_better_ratios_are_turned_round(self):
        row = Row("a", "", RATE, floor("f", "", goal=2), peer("p", "", goal=2), goal=50, is_more_better=True)
        measured = row.measured([{"a": 40, "f": 80, "p": 10}], {})
        self.assertFalse(measured["goal"]["isMet"])
        self.assertEqual([each["ratio"]["median"] for each in measured["beside"]], [2, 4])
        self.assertEqual([each["goal"]["isMet"] for each in measured["beside"]], [True, True])

    def test_what_cannot_be_measured_says_why(self):
        row = Row("a", "an answer", TIME, peer("p", "another", goal=2), goal=1)
        measured = row.measured([{"a": 40}], {"p": "there is no network"})
        self.assertEqual(measured["beside"][0]["unavailable"], "there is no network")
        self.assertIsNone(measured["beside"][0]["goal"]["isMet"])
        self.assertIn("not available: there is no network", "\n".join(lines(measured)))
        self.assertIsNone(row.measured([{}], {})["goal"]["isMet"])
        for line in lines(row.measured([{"a": 40}], {"p": "no network " * 20})):
            self.assertLessEqual(len(line), 120)


class TitleTests(unittest.TestCase):
    class Bench:
        """As much of a run as rows want."""

        version, is_quick, is_full = (3, 13), False, True

        def by_version(self, old, new):
            return new

        def some(self, usual, quick):
            return usual

    def test_no_title_shifts_what_stands_behind_it(self):
        for kind in ALL_SUBJECTS:
            for row in kind(self.Bench()).rows():
                with self.subTest(subject=kind.name, row=row.key):
                    self.assertLessEqual(len("  " + row.title), TITLE)
                    for other in row.beside:
                        self.assertLessEqual(len("   | " + other.title), TITLE)


class ProgramTests(unittest.TestCase):
    def test_a_program_is_static_that_no_loader_is_named_in(self):
        self.assertFalse(is_static(sys.executable))
        with open(sys.executable, "rb") as file:
            content = bytearray(file.read())
        (start,), (size, count) = struct.unpack_from("<Q", content, 32), struct.unpack_from("<HH", content, 54)
        for header in range(start, start + size * count, size):
            if struct.unpack_from("<I", content, header) == (3,):  # PT_INTERP
                struct.pack_into("<I", content, header, 0)  # PT_NULL
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            self.assertTrue(is_static(file.name))


class LoadTests(unittest.TestCase):
    class Bench:
        """As much of a run as a daemon wants; its client says how many invocations failed."""

        errors = 0

        def path(self, name):
            return os.path.join(self.folder, name)

        def tool(self, *arguments):
            return {"errors": self.errors, "p50": 1}

    def test_what_fails_is_no_figure(self):
        bench = self.Bench()
        with tempfile.TemporaryDirectory() as bench.folder, tempfile.TemporaryFile("w+") as log:
            daemon = Daemon(bench, "daemon", {})
            daemon.log = log
            self.assertEqual(daemon.load("some", 3)["p50"], 1)
            bench.errors = 1
            self.assertEqual(daemon.load("some", 3, may_fail=True)["p50"], 1)
            log.write("the plugin is wrong\n")
            with self.assertRaises(SystemExit) as raised, contextlib.redirect_stderr(io.StringIO()) as said:
                daemon.load("some", 3)
        self.assertEqual(raised.exception.code, 70)
        self.assertIn("some: 1 of 3 invocations failed; the plugin is wrong", said.getvalue())


class QuickTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        binaries = harness.BINARY.parent
        if not (binaries / "loopwarden-bench").exists() or harness.BINARY.name != "loopwarden":
            raise unittest.SkipTest("there is no loopwarden-bench beside {}".format(harness.BINARY))
        pythons = [each for each in reversed(harness.pythons()) if each.has("jsonschema")]
        if not pythons:
            raise unittest.SkipTest("no interpreter has jsonschema")
        cls.python = pythons[0]
        cls.scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.scratch.cleanup)
        path = pathlib.Path(cls.scratch.name) / "figures.json"
        cls.done = subprocess.run(
            [SCRIPTS / "bench", "--quick", "--json", path, "--python", cls.python.path, "--binary-folder", binaries],
            capture_output=True,
            text=True,
            check=False,
        )
        cls.document = json.loads(path.read_text()) if path.exists() else None

    def setUp(self):
        self.assertEqual(self.done.returncode, 0, self.done.stderr)

    def mistakes(self, schema, document):
        """What a schema finds wrong with a document."""
        files = [pathlib.Path(self.scratch.name) / name for name in ("schema.json", "document.json")]
        for file, content in zip(files, (schema, document)):
            file.write_text(json.dumps(content))
        program = pathlib.Path(__file__).resolve().parent / "validate.py"
        done = subprocess.run([self.python.path, "-B", program, *files], capture_output=True, text=True, check=False)
        self.assertEqual(done.stderr, "")
        return done.stdout.strip()

    def test_the_figures_are_what_the_schema_says(self):
        schema = json.loads(SCHEMA.read_text())
        self.assertEqual(self.mistakes(schema, self.document), "")
        # Nothing is there that the schema does not tell of.
        self.assertEqual(self.mistakes(closed(schema), self.document), "")

    def test_the_schema_finds_mistakes(self):
        schema = json.loads(SCHEMA.read_text())
        for change in (
            lambda each: each.update(schema="loopwarden.bench/2"),
            lambda each: each["machine"].pop("cpus"),
            lambda each: each["subjects"][0].update(rounds=0),
            lambda each: each["subjects"][0]["rows"][0].update(median="1 ms"),
            lambda each: each["subjects"][0]["rows"][0]["goal"].pop("isMet"),
            lambda each: each["subjects"][0]["rows"][0]["beside"][0].update(kind="rival"),
        ):
            wrong = copy.deepcopy(self.document)
            change(wrong)
            self.assertNotEqual(self.mistakes(schema, wrong), "")

    def test_every_subject_has_figures(self):
        self.assertEqual([subject["name"] for subject in self.document["subjects"]], SUBJECTS)
        self.assertTrue(self.document["isQuick"])
        for subject in self.document["subjects"]:
            keys = [row["key"] for row in subject["rows"]]
            self.assertEqual(len(keys), len(set(keys)), subject["name"])
            for row in subject["rows"]:
                with self.subTest(subject=subject["name"], row=row["key"]):
                    self.assertEqual(row["median"] is None, row["unavailable"] is not None)
                    if not row["unavailable"]:
                        self.assertEqual(len(row["rounds"]), subject["rounds"])
                    for other in row["beside"]:
                        self.assertEqual(other["median"] is None, other["unavailable"] is not None)
        failed = next(row for row in self.rows("throughput") if row["key"] == "errors")
        self.assertEqual(failed["median"], 0)

    def test_only_peers_are_missing_and_only_for_a_reason(self):
        """Without awslambdaric or boto3 what needs them is told so, and all else is there."""
        has_all = self.python.has("awslambdaric") and self.python.has("boto3")
        for subject in self.document["subjects"]:
            for row in subject["rows"]:
                for each in [row, *row["beside"]]:
                    if each["unavailable"]:
                        self.assertFalse(has_all and "curl" not in each["key"], each)
                        self.assertRegex(each["unavailable"], "awslambdaric|boto3|curl", each)

    def test_the_table_fits_and_says_what_is_met(self):
        printed = self.done.stdout.splitlines()
        self.assertEqual([line for line in printed if len(line) > 120], [])
        self.assertTrue(any("goal" in line and "met" in line for line in printed))

    def rows(self, name):
        return next(subject["rows"] for subject in self.document["subjects"] if subject["name"] == name)


class UsageTests(unittest.TestCase):
    def bench(self, *arguments):
        return subprocess.run([SCRIPTS / "bench", *arguments], capture_output=True, text=True, check=False)

    def test_the_subjects_are_listed(self):
        done = self.bench("--list")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([line.split()[0] for line in done.stdout.splitlines()], SUBJECTS)

    def test_a_wrong_name_is_told_with_the_right_ones(self):
        done = self.bench("warmth")
        self.assertEqual((done.returncode, done.stdout), (64, ""))
        self.assertIn("there is no subject warmth; known are: warm, ", done.stderr)

    def test_an_interpreter_or_a_folder_that_is_none_is_told_in_a_line(self):
        for arguments, word in (
            (("--binary-folder", harness.BINARY.parent, "--python", "/nonexistent/python"), "python is no interpreter"),
            (("--binary-folder", "/nonexistent", "store"), "no program loopwarden in"),
        ):
            done = self.bench(*arguments)
            self.assertEqual((done.returncode, done.stdout), (66, ""))
            self.assertIn(word, done.stderr)
            self.assertNotIn("Traceback", done.stderr)


if __name__ == "__main__":
    unittest.main()
