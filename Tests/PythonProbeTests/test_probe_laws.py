"""The probe's laws: it never raises, a broken hook goes out alone, its changes can be undone, a fork is silent."""

import asyncio
import functools
import gc
import importlib.machinery
import importlib.util
import inspect
import json
import os
import subprocess
import sys
import tempfile
import textwrap
import threading
import unittest
import unittest.mock
import warnings

from watching import FOLDER, SOURCES, Watch, WatchingTestCase, watching  # first: it makes the sources importable

from loopwarden_probe import Journal, Probe, facts  # isort: skip
from loopwarden_probe import hooks as probe_hooks  # isort: skip
from loopwarden_probe.decode import Decoder  # isort: skip


async def nothing():
    """Does nothing."""


def patched_places():
    """Everything that a probe changes in asyncio."""
    base = asyncio.base_events.BaseEventLoop
    unix = asyncio.unix_events._UnixSelectorEventLoop
    policy = asyncio.events
    return [
        vars(base).get(name) for name in ("__init__", "close", "stop", "shutdown_asyncgens", "__del__")
    ] + [
        vars(unix).get("close"),
        vars(unix).get("_loopwarden_traits"),
        policy._set_running_loop,
        asyncio._set_running_loop,
        policy.set_event_loop_policy,
        asyncio.set_event_loop_policy,
    ]  # fmt: skip


class InstallTests(unittest.TestCase):
    def test_install_and_uninstall_are_symmetric_and_idempotent(self):
        before = patched_places()
        watch = Watch()
        for _ in range(2):
            watch.probe.install()
            watch.probe.install()
            self.assertNotEqual(patched_places(), before)
            asyncio.run(nothing())
            watch.probe.uninstall()
            watch.probe.uninstall()
            self.assertEqual(patched_places(), before)
        self.assertEqual(watch.kinds().count("loop-created"), 2)

    def test_no_event_after_uninstall(self):
        with watching() as watch:
            loop = asyncio.SelectorEventLoop()
            loop.close()
        watch.events()
        with self.assertRaises(RuntimeError):
            loop.call_soon(print)
        asyncio.run(nothing())
        self.assertEqual(watch.events(), [])

    def test_hooks_have_names_of_their_own(self):
        names = [hook.name for hook in probe_hooks.ALL_HOOKS]
        self.assertEqual(len(set(names)), len(names))
        self.assertNotIn("", names)

    def test_patched_functions_look_as_before(self):
        base = asyncio.base_events.BaseEventLoop
        before = {name: inspect.signature(getattr(base, name)) for name in ("__init__", "close", "stop")}
        with watching():
            for name, signature in before.items():
                self.assertEqual(inspect.signature(getattr(base, name)), signature)
                self.assertEqual(getattr(base, name).__name__, name)
            self.assertTrue(asyncio.iscoroutinefunction(base.shutdown_asyncgens))

    def test_probe_does_not_import_asyncio(self):
        code = """
            import sys
            sys.path.insert(0, {!r})
            from loopwarden_probe import Probe
            probe = Probe()
            probe.install()
            assert "asyncio" not in sys.modules
            import asyncio
            assert type(asyncio.__loader__).__name__ == "SourceFileLoader", asyncio.__loader__
            assert "exec_module" not in vars(asyncio.__loader__)
            asyncio.new_event_loop().close()
            assert probe.journal._position > 100
        """
        subprocess.run([sys.executable, "-c", textwrap.dedent(code).format(SOURCES)], check=True)

    def test_finder_finds_nothing_itself(self):
        with watching() as watch:
            finder = watch.probe._after_import
            self.assertIsNone(finder.find_spec("no_such_module", None))
        self.assertNotIn(finder, sys.meta_path)
        self.assertIn(importlib.machinery.PathFinder, sys.meta_path)


class FailureTests(WatchingTestCase):
    def hook(self, name):
        (hook,) = [hook for hook in self.watch.probe.hooks if hook.name == name]
        return hook

    def test_failing_hook_goes_out_with_one_event_and_the_rest_stay(self):
        for name in [hook.name for hook in probe_hooks.ALL_HOOKS]:
            with self.subTest(name), watching() as watch:
                (hook,) = [hook for hook in watch.probe.hooks if hook.name == name]
                hook.failed(ZeroDivisionError("made to fail"))
                hook.failed(ZeroDivisionError("again"))
                asyncio.run(nothing())
                events = watch.events()
                failed = [event["detail"] for event in events if event["event"] == "probe-failed"]
                self.assertEqual(failed, [name + ": ZeroDivisionError: made to fail"])
                self.assertFalse(hook.is_on)
                self.assertTrue(all(other.is_on for other in watch.probe.hooks if other is not hook))

    def test_error_inside_each_hook_never_reaches_the_program(self):
        def broken(*arguments, **named):
            raise ZeroDivisionError("made to fail")

        probe = self.watch.probe
        probe.loops.created = broken
        probe.sites.locate = broken
        for hook in probe.hooks:
            hook.locate = broken
        probe.sites.locate_creation = broken
        probe.uninstall()
        probe.install()  # so that the wrappers bind what is broken now
        loop = asyncio.SelectorEventLoop()
        asyncio.set_event_loop(loop)
        loop.run_until_complete(nothing())
        asyncio.set_event_loop(None)
        loop.close()
        self.assertTrue(loop.is_closed())
        asyncio.run(nothing())
        failed = [event["detail"].split(":")[0] for event in self.watch.events("probe-failed")]
        self.assertEqual(len(failed), len(set(failed)))
        self.assertIn("creation", failed)

    def test_deep_recursion_loses_an_event_but_no_hook(self):
        loops = []

        def deep():
            loop = asyncio.SelectorEventLoop()
            loops.append(loop)
            loop.close()
            deep()

        # Loops that were half made when the stack ended complain when they are collected: not what is tested here.
        self.addCleanup(setattr, sys, "unraisablehook", sys.unraisablehook)
        sys.unraisablehook = lambda _: None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            with self.assertRaises(RecursionError):
                deep()
            gc.collect()
        for loop in loops:
            loop.close()
        self.assertTrue(all(hook.is_on for hook in self.watch.probe.hooks), self.watch.probe.disabled)

    def test_missing_name_is_told_and_the_rest_goes_on(self):
        self.watch.probe.uninstall()
        original = asyncio.events._set_running_loop
        del asyncio.events._set_running_loop
        try:
            self.watch.probe.install()
            events = self.watch.events("hook-missing")
        finally:
            asyncio.events._set_running_loop = original
        self.assertEqual([event["detail"] for event in events], ["asyncio.events._set_running_loop"])
        loop = asyncio.SelectorEventLoop()
        loop.close()
        self.assertEqual(self.watch.kinds(), ["loop-created", "loop-closed"])

    def test_tools_that_forbid_blocking_calls_in_loops_do_not_matter(self):
        def forbidden(*_):
            raise RuntimeError("blocking call in a loop")

        names = {}
        source = "def make():\n    return asyncio.new_event_loop()"
        exec(compile(source, "/elsewhere/maker.py", "exec"), globals(), names)
        with unittest.mock.patch("os.path.abspath", forbidden), unittest.mock.patch("os.getcwd", forbidden):
            names["make"]().close()
        created = [event for event in self.watch.events() if event["event"] in ("loop-created", "probe-failed")]
        self.assertEqual([event["event"] for event in created], ["loop-created"])
        self.assertEqual(created[0]["site"]["file"], "/elsewhere/maker.py")

    def test_attributes_of_strange_loops_do_not_matter(self):
        class Strange:
            def __getattr__(self, name):
                return self

        asyncio.events._set_running_loop(Strange())
        asyncio.events._set_running_loop(None)
        self.assertEqual(self.watch.events(), [])


class MomentTests(WatchingTestCase):
    def called(self, handler):
        """Which hooks an invocation comes to, and for which moments."""
        probe, called = self.watch.probe, []
        for hook in probe.hooks:
            for moment in ("at_wake", "at_return", "at_end"):
                if getattr(type(hook), moment) is not getattr(probe_hooks.Hook, moment):
                    setattr(hook, moment, functools.partial(called.append, (hook.name, moment)))
        probe._moments.clear()
        probe.journal.enter_phase(facts.INVOCATION, 0)
        probe.waking()
        handler()
        probe.returned()
        probe.ended()
        return called

    def test_a_hook_with_nothing_to_do_is_not_called(self):
        leaving = next(hook for hook in self.watch.probe.hooks if hook.name == "leaving")
        leaving.tasks.existing.clear()  # of what other tests have left
        always = ("descriptors", "at_end")
        self.assertEqual(self.called(lambda: asyncio.run(nothing())), [always])
        over = threading.Event()
        self.addCleanup(over.set)
        thread = threading.Thread(target=over.wait)
        self.assertEqual(self.called(thread.start), [always, ("threads", "at_end")])  # the negative control


class JournalTests(unittest.TestCase):
    def file_journal(self, size):
        file = tempfile.NamedTemporaryFile()
        self.addCleanup(file.close)
        file.truncate(size)
        return Journal.open(file.name), file.name

    def read(self, path):
        from loopwarden_probe import journal as layout

        with open(path, "rb") as file:
            data = file.read()
        magic, generation, _, end, dropped = layout.HEADER.unpack_from(data)
        self.assertEqual(magic, b"LWEV0001")
        return generation, list(Decoder().records(data[layout.DATA_START : end])), dropped

    def test_events_are_in_the_file_at_once(self):
        journal, path = self.file_journal(4096)
        journal.event(facts.SLOT_SET, 0, 7, 0)
        generation, events, dropped = self.read(path)
        self.assertEqual((generation, [event["loop"] for event in events], dropped), (1, [7], 0))

    def test_a_sent_block_goes_and_what_came_later_stays(self):
        journal, path = self.file_journal(4096)
        journal.event(facts.SLOT_SET, 0, 1, 0)
        block = journal.block()
        journal.event(facts.SLOT_SET, 0, 2, 0)
        journal.sent(block)
        generation, events, _ = self.read(path)
        self.assertEqual((generation, [event["loop"] for event in events]), (2, [2]))
        self.assertEqual(journal.block()[:4], b"\x02\0\0\0")

    def test_what_another_thread_adds_after_the_block_stays(self):
        journal, path = self.file_journal(4096)
        journal.event(facts.SLOT_SET, 0, 1, 0)
        block = journal.block()
        thread = threading.Thread(target=journal.event, args=(facts.SLOT_SET, 0, 2, 0))
        thread.start()
        thread.join()
        journal.sent(block)
        block = journal.block()
        journal.sent(block)
        journal.event(facts.SLOT_SET, 0, 3, 0)
        self.assertEqual([event["loop"] for event in Decoder().records(block[4:])], [2])
        generation, events, _ = self.read(path)
        self.assertEqual((generation, [event["loop"] for event in events]), (3, [3]))

    def test_an_offered_block_says_how_far_it_goes(self):
        from loopwarden_probe import journal as layout

        journal, path = self.file_journal(4096)

        def offered():
            with open(path, "rb") as file:
                return layout.U64.unpack_from(file.read(), layout.OFFERED_AT)[0]

        self.assertEqual(offered(), 0)
        journal.event(facts.SLOT_SET, 0, 1, 0)
        end = journal._position
        block = journal.offer()
        journal.event(facts.SLOT_SET, 0, 2, 0)
        self.assertEqual(offered(), end)
        self.assertEqual(len(block), end - layout.DATA_START + layout.U32.size)
        journal.taken(block)
        self.assertEqual(offered(), 0)
        generation, events, _ = self.read(path)
        self.assertEqual((generation, [event["loop"] for event in events]), (2, [2]))

    def test_full_journal_counts_and_tells_in_the_next_block(self):
        journal, path = self.file_journal(64 + 40 * 4)
        for loop in range(10):
            journal.event(facts.SLOT_SET, 0, loop, 0)
        _, events, dropped = self.read(path)
        self.assertEqual(len(events) + dropped, 10)
        self.assertGreater(dropped, 0)
        self.assertEqual(journal.string("x" * 500), 0)
        journal.sent(journal.block())
        _, events, after = self.read(path)
        self.assertEqual([(event["event"], event["value"]) for event in events], [("events-dropped", dropped)])
        self.assertEqual(after, 0)

    def test_threads_do_not_lose_each_others_events(self):
        journal, _ = self.file_journal(4 << 20)
        count, workers = 5000, 3

        def work(loop):
            for _ in range(count):
                journal.event(facts.SLOT_SET, 0, loop, 0)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(1, workers)]
        for thread in threads:
            thread.start()
        decoder, seen = Decoder(), []
        for _ in range(50):
            for _ in range(count // 50):
                journal.event(facts.SLOT_SET, 0, 0, 0)
            block = journal.block()
            journal.sent(block)
            seen += decoder.block(block)
        for thread in threads:
            thread.join()
        seen += decoder.block(journal.block())
        self.assertEqual(len(seen), count * workers)
        self.assertEqual({event["event"] for event in seen}, {"slot-set"})

    def test_missing_file_means_memory(self):
        journal = Journal.open("/nonexistent/journal")
        journal.event(facts.SLOT_SET, 0, 1, 0)
        self.assertEqual(len(list(Decoder().block(journal.block()))), 1)

    def test_long_strings_are_cut(self):
        journal = Journal()
        journal.string("é" * 5000)
        decoder = Decoder()
        list(decoder.block(journal.block()))
        self.assertEqual(decoder.strings[1][:2], "éé")

    @unittest.skipUnless(hasattr(os, "fork"), "no fork here")
    def test_forked_child_is_silent_and_the_parent_goes_on(self):
        journal, path = self.file_journal(4096)
        probe = Probe(journal)
        probe.install()
        self.addCleanup(probe.uninstall)

        async def fork():
            child = os.fork()
            if child == 0:
                try:
                    asyncio.SelectorEventLoop().close()
                finally:
                    os._exit(0)
            return os.waitpid(child, 0)[1]  # noqa: ASYNC222

        self.assertEqual(asyncio.run(fork()), 0)
        _, events, dropped = self.read(path)
        kinds = [event["event"] for event in events]
        self.assertEqual(kinds.count("loop-created"), 1)
        self.assertEqual(kinds.count("run-begun"), kinds.count("run-ended"))
        self.assertEqual((kinds[-1], dropped), ("loop-closed", 0))


class StandaloneTests(unittest.TestCase):
    def run_probe(self, *arguments):
        return subprocess.run(
            [sys.executable, "-m", "loopwarden_probe"] + list(arguments),
            env=dict(os.environ, PYTHONPATH=SOURCES),
            capture_output=True,
            text=True,
            cwd=FOLDER,
        )

    def test_help(self):
        result = self.run_probe("--help")
        self.assertEqual(result.returncode, 0)
        self.assertIn("--output FILE", result.stdout)

    def test_script_runs_and_its_events_come_as_json_lines(self):
        with tempfile.TemporaryDirectory() as folder:
            script = os.path.join(folder, "script.py")
            with open(script, "w") as file:
                file.write("import asyncio, sys\nprint(sys.argv[1])\nloop = asyncio.new_event_loop()\nsys.exit(3)\n")
            result = self.run_probe(script, "--hello")
            self.assertEqual((result.returncode, result.stdout), (3, "--hello\n"))
            events = [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]
            self.assertEqual(events[1]["event"], "loop-created")
            self.assertEqual((events[1]["site"]["file"], events[1]["site"]["line"]), ("script.py", 3))
            self.assertIn("open-at-end", [event["event"] for event in events])
            output = os.path.join(folder, "events.jsonl")
            result = self.run_probe("--output", output, script, "x")
            with open(output) as file:
                self.assertEqual(len(file.read().splitlines()), len(events))


@unittest.skipUnless(importlib.util.find_spec("nest_asyncio"), "nest_asyncio is not installed for " + sys.executable)
class NestAsyncioTests(unittest.TestCase):
    """In a process of its own: nest_asyncio cannot be taken out again."""

    script = """
        import asyncio, nest_asyncio
        nest_asyncio.apply()
        async def inner():
            pass
        async def outer():
            asyncio.get_event_loop().run_until_complete(inner())
            asyncio.get_event_loop().run_until_complete(inner())
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        loop.run_until_complete(outer())
        asyncio.run(outer())
        loop.close()
        try:
            loop.run_until_complete(None)
        except Exception:
            pass
        """

    def events(self):
        with tempfile.TemporaryDirectory() as folder:
            script = os.path.join(folder, "script.py")
            with open(script, "w") as file:
                file.write(textwrap.dedent(self.script))
            output = os.path.join(folder, "events")
            subprocess.run(
                [sys.executable, "-m", "loopwarden_probe", "--output", output, script],
                env=dict(os.environ, PYTHONPATH=SOURCES),
                check=True,
            )
            with open(output) as lines:
                return [json.loads(line) for line in lines]

    def test_nested_runs_are_seen_as_such_and_every_run_ends(self):
        events = self.events()
        self.assertEqual([event for event in events if event["event"] in ("probe-failed", "hook-missing")], [])
        begun = [(event["site"]["line"], event["flags"] & 1) for event in events if event["event"] == "run-begun"]
        ended = [event["site"]["line"] for event in events if event["event"] == "run-ended"]
        self.assertEqual(begun[:3], [(11, 0), (7, 1), (8, 1)])
        self.assertEqual(ended[:3], [7, 8, 11])
        self.assertEqual(len(begun), len(ended))

    def test_use_after_close_is_seen(self):
        self.assertIn("used-after-close", [event["event"] for event in self.events()])


if __name__ == "__main__":
    unittest.main()
