"""Context managers entered in the wrong way, cancel scopes left in the wrong task, nest_asyncio."""

import asyncio
import contextlib
import importlib.util
import subprocess
import sys
import textwrap
import unittest

from watching import SOURCES, WatchingTestCase  # first: it makes the sources importable

from loopwarden_probe import facts  # isort: skip

SEES_ALL = sys.version_info >= (3, 12)


class Plain:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None


class Asynchronous:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        return None


class ManagingTests(WatchingTestCase):
    def told(self, function):
        """What is told when it is called as a host calls a handler: flags and lines below its first."""
        try:
            asyncio.run(function())
        except Exception as error:
            self.watch.probe.returned(error)
        else:
            self.watch.probe.returned()
        events = self.watch.events("async-cm-misuse", "cancel-scope-misuse", "probe-failed")
        first = function.__code__.co_firstlineno
        return [(event["flags"], event["site"]["line"] - first) for event in events]

    def expected(self, line):
        return [(0, line), (facts.HAS_ESCAPED, line)] if SEES_ALL else [(facts.HAS_ESCAPED, line)]

    def test_with_for_async_with(self):
        async def handler():
            with Asynchronous():
                pass

        self.assertEqual(self.told(handler), self.expected(1))

    def test_async_with_for_with(self):
        async def handler():
            async with Plain():
                pass

        self.assertEqual(self.told(handler), self.expected(1))

    def test_swallowed(self):
        async def handler():
            try:
                with Asynchronous():
                    pass
            except Exception:
                pass

        self.assertEqual(self.told(handler), [(0, 2)] if SEES_ALL else [])

    def test_tried_to_find_out(self):
        async def handler():
            manager = Asynchronous()
            try:
                with manager:
                    pass
            except (AttributeError, TypeError):
                async with manager:
                    pass

        self.assertEqual(self.told(handler), [])

    @unittest.skipUnless(hasattr(asyncio, "TaskGroup"), "TaskGroup is from CPython 3.11 on")
    def test_a_group_is_entered_again(self):
        # In other words in the first versions of 3.11.
        async def handler():
            group = asyncio.TaskGroup()
            async with group:
                pass
            async with group:
                pass

        self.watch.events()
        with contextlib.suppress(RuntimeError):
            asyncio.run(handler())
        details = [event["detail"] for event in self.watch.events("async-cm-misuse")]
        self.assertEqual(details, ["TaskGroup has already been entered"])

    def test_what_is_right_or_another_error(self):
        async def right():
            with Plain(), contextlib.suppress(AttributeError):
                async with Asynchronous():
                    object().missing  # noqa: B018

        async def another():
            raise TypeError("'Plain' object does not support the context manager protocol")

        async def third():
            return 1 + "1"

        for handler in (right, another, third):
            self.assertEqual(self.told(handler), [])

    @unittest.skipUnless(importlib.util.find_spec("anyio"), "anyio is not installed")
    def test_a_cancel_scope_left_in_another_task(self):
        import anyio

        async def handler():
            group = anyio.create_task_group()
            await asyncio.ensure_future(group.__aenter__())
            try:
                await group.__aexit__(None, None, None)
            except RuntimeError:
                pass

        self.assertEqual(self.told(handler), [(0, 4)])

        async def right():
            with anyio.move_on_after(1), anyio.CancelScope():
                async with anyio.create_task_group() as group:
                    group.start_soon(anyio.sleep, 0)

        self.assertEqual(self.told(right), [])


@unittest.skipUnless(importlib.util.find_spec("nest_asyncio"), "nest_asyncio is not installed")
class NestTests(unittest.TestCase):
    """In a process of its own: nest_asyncio cannot be taken back."""

    def events(self, script):
        program = """
            import sys
            sys.path.insert(0, {!r})
            from loopwarden_probe import Probe
            from loopwarden_probe.decode import Decoder
            probe = Probe()
            probe.install()
            {}
            for event in Decoder().block(probe.journal.block()):
                if event["event"] in ("nest-asyncio", "probe-failed"):
                    print(event["event"], event["flags"], event["detail"])
        """
        program = textwrap.dedent(program).format(SOURCES, textwrap.dedent(script).strip())
        return subprocess.run(
            [sys.executable, "-B", "-W", "ignore", "-c", program], stdout=subprocess.PIPE, check=True, text=True
        ).stdout.splitlines()

    def test_is_told_when_it_is_applied(self):
        script = "import asyncio, nest_asyncio\nloop = asyncio.new_event_loop()\n"
        self.assertEqual(self.events(script), [])
        self.assertEqual(
            self.events(script + "for _ in 1, 2: nest_asyncio.apply(loop)"), ["nest-asyncio 0 nest_asyncio"]
        )

    @unittest.skipUnless(SEES_ALL, "loop_factory is from CPython 3.12 on")
    def test_a_loop_factory_that_it_does_not_know(self):
        script = (
            "import asyncio, nest_asyncio\nnest_asyncio.apply(asyncio.new_event_loop())\n"
            "try: asyncio.run(None, loop_factory=None)\nexcept TypeError: pass\n"
        )
        self.assertEqual(self.events(script), ["nest-asyncio 0 nest_asyncio", "nest-asyncio 2 nest_asyncio"])

    @unittest.skipUnless(importlib.util.find_spec("uvloop"), "uvloop is not installed")
    def test_uvloop_refuses_it(self):
        script = (
            "import asyncio, nest_asyncio, uvloop\n"
            "try: nest_asyncio.apply(uvloop.new_event_loop())\nexcept ValueError: pass\n"
        )
        self.assertEqual(self.events(script), ["nest-asyncio 1 nest_asyncio"])


if __name__ == "__main__":
    unittest.main()
