"""Coroutines awaited twice or not at all, what this Python lacks of asyncio, loops that nobody runs."""

import asyncio
import concurrent.futures
import functools
import gc
import json
import sys
import threading
import unittest
import warnings

from watching import WatchingTestCase, here  # first: it makes the sources importable

from loopwarden_probe import facts  # isort: skip

SEES_ALL = sys.version_info >= (3, 12)


async def answer():
    return {"status": 200}


@functools.lru_cache(maxsize=None)
async def settings():
    return {"retries": 3}


class TellingTestCase(WatchingTestCase):
    def setUp(self):
        super().setUp()
        silence = warnings.catch_warnings()
        silence.__enter__()
        self.addCleanup(silence.__exit__, None, None, None)
        warnings.simplefilter("ignore")

    def told(self, function, *kinds):
        """What is told when it is run as a host runs a handler: flags, lines below its first, and details."""
        try:
            asyncio.run(function())
        except Exception as error:
            self.watch.probe.returned(error)
        else:
            self.watch.probe.returned()
        self.watch.probe.ended()
        gc.collect()
        first = function.__code__.co_firstlineno
        return [
            (event["flags"], event["site"]["line"] - first, event["detail"])
            for event in self.watch.events(*kinds, "probe-failed")
        ]


class ReusedCoroutineTests(TellingTestCase):
    def setUp(self):
        super().setUp()
        settings.cache_clear()
        asyncio.run(settings())
        self.watch.events()

    def test_of_a_cache(self):
        async def handler():
            return await settings()

        told = self.told(handler, "coroutine-reused")
        self.assertEqual(told[-1], (facts.HAS_ESCAPED, 1, "settings"))
        self.assertEqual(len(told), 2 if SEES_ALL else 1)

    def test_that_was_kept(self):
        coroutine = answer()
        asyncio.run(coroutine)

        async def handler():
            await coroutine

        self.assertEqual(self.told(handler, "coroutine-reused")[-1], (facts.HAS_ESCAPED, 1, None))

    def test_swallowed(self):
        async def handler():
            try:
                return await settings()
            except Exception:
                return None

        self.assertEqual(self.told(handler, "coroutine-reused"), [(0, 2, "settings")] if SEES_ALL else [])

    def test_expected(self):
        async def handler():
            try:
                return await settings()
            except RuntimeError:
                return None

        self.assertEqual(self.told(handler, "coroutine-reused"), [])

    def test_an_error_of_the_applications_own(self):
        async def handler():
            raise RuntimeError("cannot reuse already awaited coroutine")

        self.assertEqual(self.told(handler, "coroutine-reused"), [])


class UsedCoroutineTests(TellingTestCase):
    def only_use(self, function):
        told = set(self.told(function, "never-awaited"))
        self.assertEqual(len(told), 1, told)
        flags, line, name = told.pop()
        self.assertEqual(flags, facts.USED_AS_RESULT)
        return line, name

    def test_an_item_of_it(self):
        async def handler():
            found = answer()
            return found["status"]

        self.assertEqual(self.only_use(handler), (2, "answer"))

    def test_an_attribute_of_it(self):
        async def handler():
            found = answer()
            return found.status

        self.assertEqual(self.only_use(handler), (2, "answer"))

    def test_of_a_call_in_the_same_line(self):
        async def handler():
            return answer()["status"]

        self.assertEqual(self.only_use(handler), (1, None))

    def test_unpacked_and_iterated(self):
        async def unpacks():
            found = answer()
            one, other = found
            return one

        async def iterates():
            found = answer()
            for each in found:
                return each

        self.assertEqual([self.only_use(each) for each in (unpacks, iterates)], [(2, "answer")] * 2)

    def test_written_as_json(self):
        async def handler():
            found = answer()
            return json.dumps({"found": found})

        self.assertEqual(self.only_use(handler), (2, "answer"))

    def test_given_to_gather_in_a_list(self):
        async def handler():
            return await asyncio.gather([answer(), answer()])

        flags = facts.USED_AS_RESULT | facts.GIVEN_IN_LIST
        self.assertEqual(self.told(handler, "never-awaited"), [(flags, 1, "answer")])

    def test_tried_to_find_out(self):
        async def handler():
            found = answer()
            try:
                return found["status"]
            except TypeError:
                return (await found)["status"]

        self.assertEqual(self.told(handler, "never-awaited"), [])

    def test_what_looks_alike(self):
        async def handler():
            for wrong in (lambda: object()["status"], lambda: {[]: 1}, lambda: json.dumps(object())):
                try:
                    wrong()
                except Exception:
                    pass
            raise TypeError("'coroutine' object is not subscriptable")

        self.assertEqual(self.told(handler, "never-awaited"), [])


class LackingTests(TellingTestCase):
    def test_what_is_gone(self):
        async def decorated():
            asyncio.coroutine(answer)

        async def with_loop():
            asyncio.Queue(loop=asyncio.get_running_loop())

        async def wait():
            await asyncio.wait([answer()])

        for function, name, version in (
            (decorated, "coroutine", (3, 11)),
            (with_loop, "loop=", (3, 10)),
            (wait, "wait", (3, 11)),
        ):
            with self.subTest(name):
                told = self.told(function, "deprecated-api")
                lacks = sys.version_info >= version
                self.assertEqual([each for each in told if each[0]], [(facts.IS_LACKING, 1, name)] if lacks else [])

    def test_what_is_not_there_yet(self):
        async def group():
            asyncio.TaskGroup()

        async def imported():
            from asyncio import timeout

            return timeout

        for function, name in ((group, "TaskGroup"), (imported, "timeout")):
            with self.subTest(name):
                wanted = [] if hasattr(asyncio, name) else [(facts.IS_LACKING, 1, name)]
                self.assertEqual(self.told(function, "deprecated-api"), wanted)

    def test_what_is_nobodys(self):
        def sleep(delay):
            return delay

        async def own():
            sleep(1, loop=None)

        async def asked():
            if getattr(asyncio, "no_such_thing", None) is None and not hasattr(asyncio, "neither"):
                raise AttributeError("module 'asyncio' has no attribute 'TaskGroup'")

        async def swallowed():
            try:
                asyncio.no_such_thing  # noqa: B018
            except AttributeError:
                pass

        for function in (own, asked, swallowed):
            with self.subTest(function.__name__):
                self.assertEqual(self.told(function, "deprecated-api"), [])


@unittest.skipUnless(hasattr(asyncio, "TaskGroup"), "asyncio has had task groups and timeouts from 3.11 on")
class OutsideOfBlockTests(TellingTestCase):
    def only(self, function):
        told = self.told(function, "async-cm-misuse")
        self.assertEqual(told[-1][0], facts.HAS_ESCAPED)
        return told[-1][1:]

    def test_task_groups(self):
        async def early():
            asyncio.TaskGroup().create_task(asyncio.sleep(0))

        async def late():
            async with asyncio.TaskGroup() as group:
                group.create_task(asyncio.sleep(0))
            group.create_task(asyncio.sleep(0))

        async def twice():
            group = asyncio.TaskGroup()
            async with group:
                pass
            async with group:
                pass

        self.assertEqual(self.only(early), (1, "TaskGroup has not been entered"))
        self.assertEqual(self.only(late), (3, "TaskGroup is finished"))
        self.assertEqual(self.only(twice), (4, "TaskGroup has already been entered"))

    def test_timeouts(self):
        async def twice():
            limit = asyncio.timeout(1)
            async with limit:
                pass
            async with limit:
                pass

        if "Timeout has already been entered" not in asyncio.Timeout.__aenter__.__code__.co_consts:
            # The first 3.11s let a timeout be entered again.
            self.assertEqual(self.told(twice, "async-cm-misuse"), [])
            return
        self.assertEqual(self.only(twice), (4, "Timeout has already been entered"))

    def test_a_group_whose_task_has_failed_is_used_right(self):
        async def fail():
            raise LookupError

        async def add(group):
            try:
                await asyncio.sleep(1)
            finally:
                group.create_task(asyncio.sleep(0))

        async def handler():
            async with asyncio.TaskGroup() as group:
                group.create_task(add(group))
                group.create_task(fail())

        self.assertEqual(self.told(handler, "async-cm-misuse"), [])


class IdleLoopTests(TellingTestCase):
    def setUp(self):
        super().setUp()
        self.loop = asyncio.new_event_loop()
        self.addCleanup(self.loop.close)
        self.watch.probe.journal.enter_phase(facts.INVOCATION, 0)
        self.watch.events()

    def unrun(self):
        return [event["detail"] for event in self.watch.events("task-unfinished") if event["flags"] & facts.LEFT_UNRUN]

    def test_a_task_on_a_loop_that_nobody_runs(self):
        self.loop.create_task(answer())
        self.watch.probe.returned()
        self.assertEqual(self.unrun(), ["answer"])
        self.watch.probe.returned()
        self.assertEqual(self.unrun(), [], "told once")
        asyncio.set_event_loop(None)
        self.loop.run_until_complete(asyncio.sleep(0))

    def test_gathered_on_a_loop_that_nobody_runs(self):
        asyncio.set_event_loop(self.loop)
        gathering = asyncio.gather(answer(), answer())
        self.watch.probe.returned()
        self.assertEqual(self.unrun(), ["answer"])
        self.loop.run_until_complete(gathering)
        asyncio.set_event_loop(None)

    def test_a_task_that_the_handler_runs(self):
        task = self.loop.create_task(answer())
        self.loop.run_until_complete(task)
        self.watch.probe.returned()
        self.assertEqual(self.unrun(), [])

    def test_a_task_made_at_import_for_later(self):
        task = self.loop.create_task(answer())
        self.watch.probe.loaded()
        self.watch.probe.returned()
        self.assertEqual(self.unrun(), [])
        self.loop.run_until_complete(task)

    def test_a_wait_for_a_loop_that_nobody_runs(self):
        coroutine = answer()
        future = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        line = here(2)
        with self.assertRaises(concurrent.futures.TimeoutError):
            future.result(0.01)
        coroutine.close()
        event = self.only("own-loop-wait")
        self.assert_at(event, line, __file__)
        self.assertEqual(event["flags"], facts.LOOP_IS_IDLE)

    def test_a_wait_for_a_loop_that_a_thread_runs(self):
        thread = threading.Thread(target=self.loop.run_forever)
        future = asyncio.run_coroutine_threadsafe(asyncio.sleep(5), self.loop)
        thread.start()
        try:
            with self.assertRaises(concurrent.futures.TimeoutError):
                future.result(0.05)
            self.assertEqual(asyncio.run_coroutine_threadsafe(answer(), self.loop).result(2), {"status": 200})
        finally:
            self.loop.call_soon_threadsafe(self.loop.stop)
            thread.join()
        self.assertEqual(self.watch.events("own-loop-wait", "probe-failed"), [])


class DesertedTaskTests(TellingTestCase):
    """Of a gather() that has failed, on a loop that is kept from one invocation to the next."""

    def left_and_resumed(self, tidies):
        loop = asyncio.new_event_loop()
        self.addCleanup(loop.close)
        kinds = []

        async def reserve(seat):
            if seat == 1:
                raise LookupError
            for _ in range(10):
                await asyncio.sleep(0)

        async def handler():
            tasks = [asyncio.ensure_future(reserve(seat)) for seat in (1, 2)]
            try:
                await asyncio.gather(*tasks)
            except LookupError:
                if tidies:
                    for task in tasks:
                        task.cancel()
                    await asyncio.gather(*tasks, return_exceptions=True)

        journal = self.watch.probe.journal
        for ordinal, coroutine in enumerate((handler(), asyncio.sleep(0.01))):
            journal.enter_phase(facts.INVOCATION, ordinal)
            loop.run_until_complete(coroutine)
            self.watch.probe.returned()
            self.watch.probe.ended()
            journal.leave_phase()
            found = self.watch.events("task-unfinished", "task-resumed", "probe-failed")
            kinds += [(event["event"], event["flags"]) for event in found]
        return kinds

    def test_are_told_when_a_later_invocation_finishes_them(self):
        left = ("task-unfinished", facts.LEFT_FROZEN | facts.LEFT_BY_GATHER)
        self.assertEqual(self.left_and_resumed(False), [left, ("task-resumed", facts.LEFT_BY_GATHER)])

    def test_that_were_cancelled_are_not(self):
        self.assertEqual(self.left_and_resumed(True), [])


class MindedSlotTests(TellingTestCase):
    def left(self):
        """Closes the current loop; the flags with which that is told."""
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        self.addCleanup(asyncio.set_event_loop, None)
        loop.close()
        self.watch.probe.returned()
        return self.only("slot-left-closed")["flags"]

    def test_a_program_that_looks(self):
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        self.assertFalse(loop.is_closed())
        loop.close()
        self.assertTrue(loop.is_closed())
        self.assertEqual(self.left(), facts.IS_MINDED)

    def test_one_that_looks_at_another_loop(self):
        loop = asyncio.new_event_loop()
        self.assertFalse(loop.is_closed())
        loop.close()
        self.assertEqual(self.left(), 0)

    def test_asyncio_itself_looks_when_it_closes(self):
        self.assertEqual(self.left(), 0)


class RefusedTests(TellingTestCase):
    def test_an_error_that_comes_out_of_the_import(self):
        line = here(2)
        try:
            asyncio.get_running_loop()
        except Exception as error:
            self.watch.probe.refused(error)
        escaped = [event for event in self.watch.events("no-running-loop") if event["flags"] & facts.HAS_ESCAPED]
        self.assertEqual([event["site"]["line"] for event in escaped], [line])


class FilteredTests(TellingTestCase):
    def test_an_async_function_as_a_condition_of_filter(self):
        async def handler():
            for each in filter(lambda number: answer(), [1, 2]):
                self.assertTrue(each)

        names = {detail for _, _, detail in self.told(handler, "never-awaited")}
        self.assertEqual(names, {"answer"})


if __name__ == "__main__":
    unittest.main()
