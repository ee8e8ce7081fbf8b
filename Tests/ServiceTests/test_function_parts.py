"""What functions are made of beside their own folder: layers, variables, virtual environments, requirements."""

import contextlib
import json
import pathlib
import subprocess
import textwrap
import unittest
import zipfile

import harness

#: Returns what the events asks for by its expression.
EVALUATES = """
import os
import sys


def handler(event, context):
    return eval(event, {"__builtins__": __builtins__, "os": os, "sys": sys})
"""
#: Stands for uv, and waits until it is told to go on.
UV = """
#!/bin/sh
while [ ! -e {go} ]; do sleep 0.05; done
case $1 in
    venv) exec "$5" -m venv "$6" ;;
    pip) exec "$4" -m pip install --quiet --no-input --disable-pip-version-check -r "$7" ;;
esac
"""


def write_wheel(folder, version, name="greeting"):
    """A package of one module, as pip installs it without a network; returns its file's name."""
    wheel = "{}-{}-py3-none-any.whl".format(name, version)
    info = "{}-{}.dist-info".format(name, version)
    with zipfile.ZipFile(folder / wheel, "w") as archive:
        archive.writestr(name + ".py", "VERSION = {!r}\n".format(version))
        archive.writestr(info + "/METADATA", "Metadata-Version: 2.1\nName: {}\nVersion: {}\n".format(name, version))
        archive.writestr(info + "/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(info + "/RECORD", "")
    return wheel


class PartsTestCase(harness.ServiceTestCase):
    def setUp(self):
        super().setUp()
        self.python = harness.pythons()[-1]
        self.daemon = harness.Daemon(plugins=[self.scratch / "plugins"], settings=self.settings)
        (self.scratch / "plugins").mkdir()
        self.addCleanup(self.daemon.__exit__)

    settings = ""

    def plugin(self, name="orders", **keys):
        return harness.write_plugin(self.scratch / "plugins", name, EVALUATES, **{"python": self.python.path, **keys})

    def invoke(self, expression, name="orders"):
        with self.daemon.connect() as line:
            return line.invoke(name, expression)

    def value(self, expression, name="orders"):
        reply = self.invoke(expression, name)
        self.assertEqual(reply["invocation"]["outcome"], "ok", reply)
        return reply["result"]

    def assertColdBy(self, reply, cause):
        invocation = reply["invocation"]
        self.assertEqual((invocation["outcome"], invocation["cause"]), ("ok", cause), reply)

    def assertWarm(self, reply):
        self.assertEqual((reply["invocation"]["outcome"], reply["invocation"]["start"]), ("ok", "warm"), reply)

    def lambda_api(self, path, body=None):
        """One request of the Lambda API; returns status and answer."""
        with self.daemon.connect() as line:
            return line.ask("GET" if body is None else "POST", "/2015-03-31/functions/" + path, body)


class LayerTests(PartsTestCase):
    def layer(self, name, **files):
        for path, text in files.items():
            file = self.scratch / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return self.scratch / name

    def test_layers_are_laid_over_each_other_as_on_aws(self):
        packages = "python/lib/python{}/site-packages/".format(self.python.version)
        first = self.layer("first", **{"python/common.py": "SELF = 'first'", packages + "deep.py": "SELF = 'deep'"})
        second = self.layer("second", **{"python/common.py": "SELF = 'second'", "bin/tool": "", "lib/it.so": ""})
        bare = self.layer("bare", **{"flat.py": "SELF = 'flat'"})
        root = self.plugin(layers="[{}, {}, ../../bare]".format(first, second))
        (root / "own.py").write_text("SELF = 'own'")
        self.layer("second", **{"python/own.py": "SELF = 'layer'", "python/lib/python2.7/site-packages/old.py": ""})
        with self.daemon:
            imported = "[__import__(name).SELF for name in ('common', 'deep', 'flat', 'own')]"
            self.assertEqual(self.value(imported), ["second", "deep", "flat", "own"])
            top = [str(root), str(first / packages).rstrip("/"), str(bare), str(second / "python")]
            found = [str(pathlib.Path(each).resolve()) for each in self.value("sys.path[:5]")]
            self.assertEqual(found, [*top, str(first / "python")])
            self.assertTrue(self.value("os.environ['PATH']").endswith(":{}/bin".format(second)))
            self.assertTrue(self.value("os.environ['LD_LIBRARY_PATH']").endswith("{}/lib".format(second)))
            status, told = self.lambda_api("orders")
            self.assertEqual((status, len(told["Configuration"]["Layers"])), (200, 3))

    def test_a_changed_layer_makes_the_next_invocation_cold(self):
        layer = self.layer("layer", **{"python/common.py": "SELF = 1"})
        root = self.plugin(layers="[{}]".format(layer))
        (root / "handler.py").write_text("import common\n\n\ndef handler(event, context):\n    return common.SELF\n")
        with self.daemon:
            self.assertEqual(self.value(None), 1)
            self.assertWarm(self.invoke(None))
            self.layer("layer", **{"python/common.py": "SELF = 'two'"})
            reply = self.invoke(None)
            self.assertColdBy(reply, "code change")
            self.assertEqual(reply["result"], "two")
            self.assertWarm(self.invoke(None))

    def test_the_published_runtime_client_has_layers_too(self):
        self.python = next((each for each in reversed(harness.pythons()) if each.has("awslambdaric")), None)
        if self.python is None:
            self.skipTest("no interpreter has awslambdaric")
        path = "python/lib/python{}/site-packages/deep.py".format(self.python.version)
        layer = self.layer("layer", **{path: "SELF = 1"})
        root = self.plugin(host="aws-lambda", engine="ric", layers="[{}]".format(layer))
        (root / "handler.py").write_text("import deep\n\n\ndef handler(event, context):\n    return deep.SELF\n")
        with self.daemon:
            self.assertEqual(self.value(None), 1)
            self.assertWarm(self.invoke(None))
            self.layer("layer", **{path: "SELF = 'two'"})
            reply = self.invoke(None)
            self.assertColdBy(reply, "code change")
            self.assertEqual(reply["result"], "two")

    def test_what_pip_has_put_into_a_layer_is_nobodys_fault_and_the_rest_is(self):
        leak = "import asyncio\n\n\ndef leak():\n    asyncio.new_event_loop()\n"
        files = {"python/vendored.py": leak, "python/common.py": leak}
        layer = self.layer("layer", **files, **{"python/vendored-1.dist-info/RECORD": "vendored.py,,\n"})
        for name in "vendored", "common":
            root = self.plugin("uses-" + name, layers="[{}]".format(layer))
            (root / "handler.py").write_text(
                "import {0}\n\n\ndef handler(event, context):\n    {0}.leak()\n".format(name)
            )
        with self.daemon:
            for name, file in ("vendored", "handler.py"), ("common", "common.py"):
                self.invoke(None, "uses-" + name)
                found = (
                    self.invoke(None, "uses-" + name)["findings"]
                    or self.daemon.json("findings", "--function", "uses-" + name)["findings"]
                )
                self.assertTrue(any(file in json.dumps(each) for each in found), found)


class VariableTests(PartsTestCase):
    def test_a_changed_manifest_is_taken_up_by_the_next_invocation(self):
        root = self.plugin(environment="{STAGE: one}")
        with self.daemon:
            self.assertEqual(self.value("os.environ['STAGE']"), "one")
            self.assertWarm(self.invoke("1"))
            self.plugin(environment="{STAGE: two}", timeout=7)
            reply = self.invoke("os.environ['STAGE']")
            self.assertColdBy(reply, "code change")
            self.assertEqual(reply["result"], "two")
            self.assertWarm(self.invoke("1"))
            self.assertEqual(self.lambda_api("orders/configuration")[1]["Timeout"], 7)
            # One that is wrong changes nothing, and is told of until it is right.
            (root / "plugin.yaml").write_text("handler: handler.handler\ntimeout: soon\n")
            self.assertEqual(self.value("os.environ['STAGE']"), "two")
            self.assertIn("timeout", json.dumps(self.daemon.json("status")["troubles"]))
            self.plugin(environment="{STAGE: three}")
            self.assertEqual(self.value("os.environ['STAGE']"), "three")
            self.assertEqual(self.daemon.json("status")["troubles"], [])

    def test_wrong_input_is_told_with_line_and_key(self):
        file = self.scratch / "layer.zip"
        file.write_text("")
        for key, value, expected in (
            ("environment", '{{A: "{}"}}'.format("x" * 4096), "4104 bytes as JSON; AWS Lambda takes 4096"),
            ("layers", "[nowhere]", "there is no folder"),
            ("layers", "[{}]".format(file), "is no folder; unpack it"),
            ("layers", "[., ., ., ., ., .]", "at most 5 layers, found 6"),
            ("venv", ".venv", "-m venv"),
            ("venv", ".", "is no virtual environment"),
            ("requirements", "nowhere.txt", "there is no file"),
        ):
            with self.subTest(key=key, value=value[:20]):
                root = self.plugin(**{key: value})
                done = harness.cli("daemon", "--state", self.scratch / "s", "--plugins", root, "--check-config")
                self.assertEqual(done.returncode, 78, done.stdout + done.stderr)
                self.assertRegex(done.stdout + done.stderr, r"plugin\.yaml:4: {}: .*".format(key))
                self.assertIn(expected, done.stdout + done.stderr)
        root = self.plugin(environment='{{A: "{}"}}'.format("x" * 4088))
        done = harness.cli("daemon", "--state", self.scratch / "s", "--plugins", root, "--check-config")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class VirtualEnvironmentTests(PartsTestCase):
    def venv(self, folder):
        subprocess.run([self.python.path, "-m", "venv", "--without-pip", folder], check=True)
        return folder / "lib" / "python{}".format(self.python.version) / "site-packages"

    def test_the_one_beside_the_handler_is_used_and_what_is_installed_there_taken_up(self):
        root = self.plugin(python='"{}"'.format(self.python.version))
        packages = self.venv(root / ".venv")
        (packages / "there.py").write_text("SELF = 1")
        with self.daemon:
            self.assertEqual(self.value("[__import__('there').SELF, sys.prefix]"), [1, str(root / ".venv")])
            self.assertWarm(self.invoke("1"))  # although Python has made a folder for compiled modules there
            (packages / "another.py").write_text("")
            reply = self.invoke("__import__('another') and 1")
            self.assertColdBy(reply, "code change")
            self.assertWarm(self.invoke("1"))

    def test_one_that_the_manifest_names_is_used_and_one_of_another_version_is_not(self):
        packages = self.venv(self.scratch / "env")
        (packages / "there.py").write_text("SELF = 1")
        self.plugin(python="python3", venv="../../env")
        other = self.plugin("other", python='"{}"'.format(self.python.version))
        packages = self.venv(other / ".venv")
        config = other / ".venv" / "pyvenv.cfg"
        config.write_text(config.read_text().replace("version = 3.", "version = 2."))
        with self.daemon:
            self.assertEqual(self.value("__import__('there').SELF"), 1)
            self.assertNotEqual(self.value("sys.prefix", "other"), str(other / ".venv"))


class CheckTests(PartsTestCase):
    """A check runs a handler with what its manifest names, as the daemon does."""

    def check(self, root):
        done = harness.cli(
            *("check", root, "--schedule", "warm", "--event", "\"__import__('greeting').VERSION\"", "--json"),
            environment={"XDG_CACHE_HOME": str(self.scratch / "cache")},
            patience=120,
        )
        return done.returncode, done.stdout + done.stderr

    def test_requirements_and_layers_of_the_manifest_are_there(self):
        root = self.plugin(requirements="requirements.txt")
        (root / "requirements.txt").write_text("--no-index\n--find-links {}\ngreeting\n".format(self.scratch))
        status, told = self.check(root)
        self.assertNotEqual(status, 0, told)
        self.assertIn("the requirements cannot be installed", told)
        write_wheel(self.scratch, "1")
        status, told = self.check(root)
        self.assertEqual(status, 0, told)
        layer = self.scratch / "layer" / "python"
        layer.mkdir(parents=True)
        root = self.plugin("layered", layers="[../../layer]")
        self.assertEqual(self.check(root)[0], 2)  # the module is not there yet
        (layer / "greeting.py").write_text("VERSION = 2\n")
        status, told = self.check(root)
        self.assertEqual(status, 0, told)


class RequirementTests(PartsTestCase):
    def require(self, root, *lines):
        (root / "requirements.txt").write_text("--no-index\n" + "".join(line + "\n" for line in lines))

    def test_they_are_installed_once_and_again_when_they_change(self):
        roots = [self.plugin(name, requirements="requirements.txt") for name in ("orders", "others")]
        for root in roots:
            self.require(root, "greeting==1", "--find-links {}".format(self.scratch))
        write_wheel(self.scratch, "1")
        write_wheel(self.scratch, "2")
        made = self.daemon.state / "venvs"
        with self.daemon:
            self.assertEqual(self.value("__import__('greeting').VERSION"), "1")
            self.assertWarm(self.invoke("1"))
            self.assertEqual(self.value("__import__('greeting').VERSION", "others"), "1")
            marks = {path: path.stat().st_mtime_ns for path in made.glob("*/loopwarden-ready")}
            self.assertEqual(len(marks), 1)  # two functions that want the same share it
            self.daemon.stop()
            self.daemon.start()
            self.assertEqual(self.value("__import__('greeting').VERSION"), "1")
            self.assertEqual({path: path.stat().st_mtime_ns for path in made.glob("*/loopwarden-ready")}, marks)
            self.require(roots[0], "greeting==2", "--find-links {}".format(self.scratch))
            reply = self.invoke("__import__('greeting').VERSION")
            self.assertColdBy(reply, "code change")
            self.assertEqual(reply["result"], "2")
            self.assertEqual(self.value("__import__('greeting').VERSION", "others"), "1")

    def test_what_cannot_be_installed_is_told_everywhere_and_tried_again(self):
        root = self.plugin(requirements="requirements.txt")
        self.require(root, "greeting==1", "--find-links {}".format(self.scratch))
        with self.daemon:
            reply = self.invoke("1")
            self.assertEqual(reply["invocation"]["outcome"], "error")
            self.assertIn("the requirements cannot be installed for Python", reply["invocation"]["errorMessage"])
            self.assertIn("greeting==1", reply["invocation"]["errorMessage"])
            configuration = self.lambda_api("orders/configuration")[1]
            self.assertEqual(configuration["State"], "Failed")
            self.assertIn("greeting==1", configuration["StateReason"])
            self.assertIn("greeting==1", json.dumps(self.daemon.json("status")["troubles"]))
            status, reply = self.lambda_api("orders/invocations", "1")
            self.assertEqual(status, 502, reply)
            self.assertIn("greeting==1", reply["Message"])
            write_wheel(self.scratch, "1")
            harness.wait_until(
                lambda: self.lambda_api("orders/invocations", '"1"')[0] == 200, "the function can be invoked"
            )
            self.assertEqual(self.lambda_api("orders/configuration")[1]["State"], "Active")

    def test_a_function_is_pending_while_its_packages_are_being_installed_and_the_others_are_served(self):
        go = self.scratch / "go"
        uv = self.scratch / "bin" / "uv"
        uv.parent.mkdir()
        uv.write_text(textwrap.dedent(UV).lstrip().format(go=go))
        uv.chmod(0o755)
        write_wheel(self.scratch, "1")
        root = self.plugin(requirements="requirements.txt")
        self.require(root, "greeting==1", "--find-links {}".format(self.scratch))
        self.plugin("plain")
        self.daemon.environment["PATH"] = "{}:/usr/local/bin:/usr/bin:/bin".format(uv.parent)
        with self.daemon:
            harness.wait_until(
                lambda: self.lambda_api("orders/configuration")[1]["State"] == "Pending", "it is being installed"
            )
            status, reply = self.lambda_api("orders/invocations", '"1"')
            self.assertEqual(status, 409)
            self.assertIn("in the following state: Pending", reply["message"])
            self.assertIn("uv venv", json.dumps(self.daemon.json("status")["troubles"]))
            self.assertEqual(self.value("2", "plain"), 2)
            # Who calls from here waits.
            with contextlib.ExitStack() as stack:
                calls = [self.calling(stack) for _ in range(3)]
                go.touch()
                told = [json.loads(call.communicate()[0].splitlines()[0]) for call in calls]
            self.assertEqual([each["result"] for each in told], ["1"] * 3)
            self.assertEqual(self.daemon.json("status")["troubles"], [])
            self.assertEqual(len(list((self.daemon.state / "venvs").glob("*/loopwarden-ready"))), 1)

    def calling(self, stack):
        command = [
            harness.BINARY,
            "invoke",
            "orders",
            "--json",
            "--payload",
            json.dumps("__import__('greeting').VERSION"),
        ]
        return stack.enter_context(
            subprocess.Popen([*command, "--socket", self.daemon.socket], stdout=subprocess.PIPE, text=True)
        )

    def test_a_daemon_that_is_told_to_stop_waits_for_no_installer(self):
        uv = self.scratch / "bin" / "uv"
        uv.parent.mkdir()
        uv.write_text(textwrap.dedent(UV).lstrip().format(go=self.scratch / "never"))
        uv.chmod(0o755)
        self.require(self.plugin(requirements="requirements.txt"), "greeting==1")
        self.daemon.environment["PATH"] = "{}:/usr/local/bin:/usr/bin:/bin".format(uv.parent)
        with self.daemon, contextlib.ExitStack() as stack:
            call = self.calling(stack)
            harness.wait_until(
                lambda: self.lambda_api("orders/configuration")[1]["State"] == "Pending", "it is being installed"
            )
            self.assertEqual(self.daemon.stop(), 0)
            call.communicate()
            self.assertNotEqual(call.returncode, 0)


if __name__ == "__main__":
    unittest.main()
