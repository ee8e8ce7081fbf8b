"""The daemon is killed at random instants under load: what was answered is in the history, and nothing else is left.

LOOPWARDEN_STORM: how often (default 100). LOOPWARDEN_SEED: of the instants (printed).
"""

import collections
import contextlib
import random
import shutil
import sqlite3
import threading
import time
import unittest

import harness
import stored_events

KILLS = harness.number("LOOPWARDEN_STORM", 100)
SEED = harness.number("LOOPWARDEN_SEED", random.SystemRandom().randrange(1 << 30))

HANDLER = """
import asyncio


async def work(event):
    await asyncio.sleep(event["pause"])
    return event["number"]


def handler(event, context):
    return asyncio.run(work(event))
"""

CLIENTS = 3


def faults_of(database, acked, daemon_is_up=False):
    """What is wrong with a history, in words: the checker whose negative controls stand below."""
    try:
        with contextlib.closing(sqlite3.connect("file:{}?mode=ro".format(database), uri=True)) as history:
            verdict = history.execute("PRAGMA integrity_check").fetchone()[0]
            if verdict != "ok":
                return ["integrity_check: " + verdict]
            faults = ["foreign key: {}".format(row) for row in history.execute("PRAGMA foreign_key_check")]
            stored = dict(history.execute("SELECT uid, outcome FROM invocation"))
            for uid, outcome in acked.items():
                if uid not in stored:
                    faults.append("{} was answered, and is not there".format(uid))
                elif stored[uid] != outcome:
                    faults.append("{} was answered as {}, and is {}".format(uid, outcome, stored[uid]))
            if not daemon_is_up:
                faults += ["{} has no end".format(uid) for uid, outcome in stored.items() if outcome is None]
            numbers = collections.defaultdict(list)
            for event in stored_events.stored_events(history.execute):
                numbers[event.environment].append(event.sequence)
            faults += [
                "events of environment {}: {} up to number {}".format(environment, len(known), known[-1])
                for environment, known in numbers.items()
                if known != list(range(len(known)))
            ]
            return faults
    except sqlite3.DatabaseError as error:
        return ["cannot be read: {}".format(error)]


class Load:
    """Clients that invoke all the while, and write down each answer when they have it."""

    def __init__(self, daemon, acked, randomness):
        self._daemon, self._acked, self._random = daemon, acked, randomness
        self.first = threading.Event()
        self.surprises = []
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(CLIENTS)]

    def _run(self, number):
        with self._daemon.connect() as connection:
            while True:
                pause = self._random.choice((0, 0, 0.001, 0.01))
                try:
                    reply = connection.invoke("load-%d" % (number % 2), {"pause": pause, "number": number})
                except (OSError, ValueError, harness.http.client.HTTPException):
                    return  # killed
                except harness.Refused as refused:
                    self.surprises.append(refused)
                    return
                if (reply["invocation"]["outcome"], reply["result"]) != ("ok", number):
                    self.surprises.append(reply)
                self._acked[reply["invocation"]["id"]] = reply["invocation"]["outcome"]
                self.first.set()

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        for thread in self._threads:
            thread.join()


class StormTests(harness.ServiceTestCase):
    def setUp(self):
        super().setUp()
        for number in range(2):
            harness.write_plugin(self.scratch / "plugins", "load-%d" % number, HANDLER, host="bare")
        self.folder = self.scratch / "daemon"
        self.folder.mkdir()
        self.daemon = harness.Daemon(self.folder, plugins=[self.scratch / "plugins"])

    def tearDown(self):
        if self.daemon in harness.Daemon.running:
            self.daemon.kill()
        super().tearDown()

    def test_killed_at_random_instants_under_load(self):
        print("\nseed {}".format(SEED))
        randomness, acked, busy = random.Random(SEED), {}, 0
        for round_ in range(KILLS):
            before = len(acked)
            self.daemon.start()
            with Load(self.daemon, acked, randomness) as load:
                # Half of the kills come while environments start, half while they are warm.
                if randomness.random() < 0.5:
                    load.first.wait(harness.PATIENCE)
                time.sleep(randomness.uniform(0, 0.25))
                self.daemon.kill()
            self.assertEqual(load.surprises, [])
            self.assertNothingLeft()
            busy += len(acked) > before
            if round_ % 10 == 9 or round_ == KILLS - 1:
                self.assertEqual(faults_of(self.daemon.database, acked, daemon_is_up=True), [])
        # A clean start closes what the kills left open.
        self.daemon.start()
        with self.daemon.connect() as connection:
            self.assertEqual(connection.invoke("load-0", {"pause": 0, "number": 1})["result"], 1)
        self.assertEqual(self.daemon.stop(), 0)
        self.assertEqual(faults_of(self.daemon.database, acked), [])
        lost = self.daemon.rows("SELECT count(*) FROM invocation WHERE outcome = 'lost'")[0][0]
        print(
            "{} kills, {} of them with answers before; {} answers, all stored; {} lost".format(
                KILLS, busy, len(acked), lost
            )
        )
        self.assertGreater(busy, KILLS // 4)
        self.assertEqual(list(self.folder.glob("state/*.corrupt-*")), [])

    def test_the_checker_catches_what_it_is_there_for(self):
        acked = {}
        self.daemon.start()
        with self.daemon.connect() as connection:
            for number in range(20):
                reply = connection.invoke("load-0", {"pause": 0, "number": number})
                acked[reply["invocation"]["id"]] = reply["invocation"]["outcome"]
        self.daemon.kill()
        files = sorted(self.daemon.state.glob("history.sqlite*"))
        self.assertEqual(faults_of(self._copy("whole", files), acked), [])
        # As if commits had only been in memory: the log is gone.
        without_log = [file for file in files if not file.name.endswith(("-wal", "-shm"))]
        self.assertNotEqual(faults_of(self._copy("no-log", without_log), acked), [])
        for name, sql in [
            ("row", "DELETE FROM findingSite; DELETE FROM finding; DELETE FROM invocation WHERE ordinal = 7"),
            ("outcome", "UPDATE invocation SET outcome = 'error' WHERE ordinal = 7"),
            ("end", "UPDATE invocation SET outcome = NULL WHERE ordinal = 7"),
            ("hole", "UPDATE invocation SET events = NULL WHERE ordinal = 7"),
        ]:
            with self.subTest(name):
                copy = self._copy(name, files)
                with contextlib.closing(sqlite3.connect(copy)) as history:
                    history.executescript(sql)
                self.assertNotEqual(faults_of(copy, acked), [])
        with self.subTest("garbage"):
            copy = self._copy("garbage", files)
            with contextlib.closing(sqlite3.connect(copy)) as history:
                history.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            size = copy.stat().st_size
            with open(copy, "r+b") as file:
                file.seek(size // 2)
                file.write(b"\xff" * 16384)
            self.assertNotEqual(faults_of(copy, acked), [])

    def _copy(self, name, files):
        folder = self.scratch / name
        folder.mkdir()
        for file in files:
            shutil.copy(file, folder)
        return folder / "history.sqlite"


if __name__ == "__main__":
    unittest.main()
