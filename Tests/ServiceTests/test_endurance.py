"""Many invocations in a row over one connection: all recorded, and the daemon no bigger than before.

LOOPWARDEN_ENDURANCE: how many (default 10000).
"""

import unittest

import harness

COUNT = harness.number("LOOPWARDEN_ENDURANCE", 10_000)

#: How much the daemon may grow between a quarter and the end of the run, in KiB.
GROWTH = 4096


class EnduranceTests(harness.ServiceTestCase):
    def test_ten_thousand_invocations_over_one_connection(self):
        with harness.Daemon(plugins=[harness.PLUGINS]) as daemon, daemon.connect() as connection:
            answered, samples = [], []
            for index in range(COUNT):
                reply = connection.invoke("asyncio-run", {"numbers": [index]})
                self.assertEqual((reply["invocation"]["outcome"], reply["findings"]), ("ok", []))
                self.assertEqual(reply["result"], {"squares": [index * index]})
                self.assertEqual(reply["invocation"]["ordinal"], index)
                answered.append(reply["invocation"]["id"])
                if (index + 1) % max(COUNT // 20, 1) == 0:
                    samples.append(self._sample(daemon.process.pid))
            recorded = [uid for (uid,) in daemon.rows("SELECT uid FROM invocation ORDER BY ordinal")]
            self.assertEqual(recorded, answered)
            self.assertEqual(daemon.rows("SELECT count(*), sum(outcome = 'ok') FROM invocation"), [(COUNT, COUNT)])
            # Each was made and closed within its invocation, whose row stands for it.
            self.assertEqual(daemon.rows("SELECT count(*), count(briefLoopAt) FROM invocation"), [(COUNT, COUNT)])
            self.assertEqual(daemon.rows("SELECT count(*) FROM loop WHERE closedMonotonic IS NULL"), [(0,)])
            self._assert_flat(samples)
            self.assertEqual(daemon.stop(), 0)

    def _sample(self, pid):
        """Memory (KiB) and descriptors of the daemon, and those of its only worker."""
        (worker,) = [each for each in harness.descendants(pid)]
        return tuple(count(process) for process in (pid, worker) for count in (harness.resident, harness.descriptors))

    def _assert_flat(self, samples):
        early, last = samples[len(samples) // 4], samples[-1]
        print("\nmemory (KiB) and descriptors, of daemon and worker: {} … {}".format(early, last))
        for index, limit in enumerate((GROWTH, 0, GROWTH, 0)):
            self.assertLessEqual(last[index] - early[index], limit, samples)


if __name__ == "__main__":
    unittest.main()
