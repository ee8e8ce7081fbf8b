"""What handlers write with `logging`: as AWS Lambda's runtime has it, and only where the handler has imported it."""

import json
import re
import unittest

from test_worker import WorkerTestCase

LOGS = """
    import logging

    logging.basicConfig(level=logging.DEBUG, format="mine %(message)s")  # does nothing: there is a handler already
    logging.getLogger().setLevel(logging.INFO)
    logging.warning("at import")

    def handler(event, context):
        logging.getLogger("orders").info("item %d", 7, extra={"customer": "a"})
        logging.debug("too little")
        try:
            {}["item"]
        except KeyError:
            logging.exception("caught")
"""
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"


class TextTests(WorkerTestCase):
    def test_lines_have_level_time_and_request(self):
        daemon = self.ready(LOGS, logging=True, host="bare")
        daemon.invoke(id="abc")
        daemon.shut_down()
        daemon.wait()
        lines = daemon.stdout.splitlines()
        self.assertRegex(lines[0], r"^\[WARNING\]\t" + TIME + r"\.\d{3}Z\t\tat import$")
        self.assertRegex(lines[1], r"^\[INFO\]\t" + TIME + r"\.\d{3}Z\tabc\titem 7$")
        self.assertRegex(lines[2], r"^\[ERROR\]\t" + TIME + r"\.\d{3}Z\tabc\tcaught$")
        self.assertEqual(lines[3], "Traceback (most recent call last):")
        self.assertTrue(lines[-1].startswith("KeyError: 'item'"), lines)
        self.assertEqual(daemon.stderr, "")

    def test_where_the_host_is_none_of_lambdas_logging_is_left_alone(self):
        daemon = self.ready(LOGS, host="bare")
        daemon.invoke()
        daemon.shut_down()
        daemon.wait()
        self.assertEqual(daemon.stdout, "")
        self.assertEqual(daemon.stderr.splitlines()[:2], ["mine at import", "mine item 7"])

    def test_logging_is_not_imported_for_a_handler_that_does_not_want_it(self):
        daemon = self.ready(
            "import sys\ndef handler(event, context): return sorted({'logging', 'traceback'} & set(sys.modules))",
            logging=True,
            host="bare",
            probe={"enabled": False},
        )
        self.assertEqual(daemon.invoke().value, [])

    def test_a_module_of_the_handlers_own_that_is_called_logging_can_be_imported(self):
        daemon = self.daemon(
            "import logging\ndef handler(event, context): return logging.mine", logging=True, host="bare"
        )
        daemon.write("logging.py", "mine = 1\n")
        daemon.start()
        self.assertEqual(daemon.invoke().value, 1)


class JSONTests(WorkerTestCase):
    def lines(self, source=LOGS, **environment):
        environment = dict({"AWS_LAMBDA_LOG_FORMAT": "JSON"}, **environment)
        daemon = self.ready(source, logging=True, host="bare", environment=environment)
        daemon.invoke(id="abc")
        daemon.shut_down()
        daemon.wait()
        return [json.loads(line) for line in daemon.stdout.splitlines()]

    def test_records_are_objects(self):
        first, second, third = self.lines()
        self.assertTrue(re.fullmatch(TIME + "Z", first.pop("timestamp")))
        self.assertEqual(first, {"level": "WARNING", "message": "at import", "logger": "root", "requestId": ""})
        del second["timestamp"]
        expected = {"level": "INFO", "message": "item 7", "logger": "orders", "requestId": "abc", "customer": "a"}
        self.assertEqual(second, expected)
        self.assertEqual((third["errorType"], third["errorMessage"]), ("KeyError", "'item'"))
        self.assertRegex(third["location"], r"app\.py:handler:\d+$")
        self.assertIn('{}["item"]', "".join(third["stackTrace"]))

    def test_the_level_is_that_of_the_environment(self):
        source = """
            import logging

            def handler(event, context):
                logging.info("little")
                logging.error("much")
        """
        self.assertEqual([line["message"] for line in self.lines(source, AWS_LAMBDA_LOG_LEVEL="ERROR")], ["much"])
        self.assertEqual(
            [line["message"] for line in self.lines(source, AWS_LAMBDA_LOG_LEVEL="TRACE")], ["little", "much"]
        )


if __name__ == "__main__":
    unittest.main()
