"""Holds the host profiles against the real hosts: the same handlers, in the real package and in Loopwarden.

real_hosts/bodies has the handlers, a `def` or an `async def` each, that tell one loop's surroundings from another's;
real_hosts/drivers has a driver for each package. Each handler is invoked cold and twice warm, in a process of its own,
and must have the same results and the same errors in the same words. LOOPWARDEN_REAL_HOSTS="fastapi flask" narrows the
profiles.
"""

import concurrent.futures
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import time
import unittest

import harness

HERE = pathlib.Path(__file__).resolve().parent / "real_hosts"
BODIES = sorted(path.stem for path in (HERE / "bodies").glob("*.py"))
DEF = [name for name in BODIES if name.endswith("_def")]
ASYNC = [name for name in BODIES if name.endswith("_async")]
INVOCATIONS = 3
PAUSE_SECONDS = 0.05
MUCH_PATIENCE = 20
#: One package each; several versions of it are in folders of their own.
EDITIONS = ("mangum==0.17.0", "mangum==0.19.0", "mangum==0.20.0", "mangum==0.21.0", "mangum==0.22.0")

NOT_LOOPS = "which context a call gets is no matter of loops"
MANGUM_RUNS = "the loop runs once more after the handler, when that asks Mangum"
FROZEN = "the platform stops the process between two requests, the package alone does not"
#: Those that differ in name only, by HostProfile; each is looked at once.
SAME = {
    "jupyter": "uvicorn",
    "azure-async": "uvicorn",
    "daphne": "hypercorn",
    "tornado": "hypercorn",
    "starlette": "fastapi",
    "django": "flask",
}


class Real:
    """A real host, and the profile that it is held against."""

    def __init__(self, profile, driver, package, bodies=BODIES, loop="asyncio", edition=None, unlike=None, **variables):
        self.host = profile
        self.profile = SAME.get(profile, profile)
        self.driver = driver
        self.package = package
        self.bodies = bodies
        self.loop = loop
        self.edition = edition
        #: What is not compared, and why.
        self.unlike = unlike or {}
        self.variables = dict(
            {"REAL_HOST_" + key.upper(): value for key, value in variables.items()}, REAL_HOST_LOOP=loop
        )
        self.name = " ".join([edition or driver, *variables.values(), *([loop] if loop != "asyncio" else [])])

    def reason_to_skip(self, python):
        if self.host not in os.environ.get("LOOPWARDEN_REAL_HOSTS", self.host).split():
            return "not asked for"
        if self.edition:
            folder = self._edition(python)
            return None if folder.is_dir() else "{} could not be had".format(self.edition)
        if self.loop == "uvloop" and python is not pythons()[-1]:
            return "the newest interpreter will do"
        if self.loop == "uvloop" and not python.has_uvloop:
            return "needs uvloop"
        return None if python.has(self.package) else "needs {}".format(self.package)

    def _edition(self, python):
        return pathlib.Path(python.path).parent.parent / "editions" / self.edition

    def outcomes(self, python, bodies=None, patience=1):
        """body → what came of each invocation."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("LOOPWARDEN_", "PYTHON"))}
        environment.update(self.variables, REAL_HOST_PATIENCE=str(patience))
        if self.edition:
            environment["PYTHONPATH"] = str(self._edition(python))
        if bodies is None:
            bodies = [name for name in self.bodies if name not in self.unlike]
        done = subprocess.run(
            [python.path, "-B", HERE / "drivers/on_{}.py".format(self.driver), *bodies],
            capture_output=True,
            text=True,
            env=environment,
            timeout=harness.PATIENCE * 4,
        )
        if done.returncode:
            raise AssertionError("{}:\n{}".format(self.name, done.stderr[-4000:]))
        return {name: list(map(worded, found)) for name, found in json.loads(done.stdout).items()}


REAL = (
    Real("aws-lambda", "lambda", "awslambdaric", DEF),
    # It runs no coroutine: there, asyncio.run stands around it.
    Real("bare", "lambda", "awslambdaric", ASYNC),
    # Mangum calls no `def`: that is the Lambda handler which asks it in turn.
    Real("mangum-0.19", "mangum", "mangum", edition="mangum==0.17.0", unlike={"leave_task_def": MANGUM_RUNS}),
    Real("mangum-0.19", "mangum", "mangum", edition="mangum==0.19.0", unlike={"leave_task_def": MANGUM_RUNS}),
    # There, a `def` finds what asyncio.run has left in the slot, not the profile's fresh loop.
    Real("mangum-0.20", "mangum", "mangum", ASYNC, edition="mangum==0.20.0"),
    Real("mangum-0.22", "mangum", "mangum", edition="mangum==0.21.0", unlike={"leave_task_def": MANGUM_RUNS}),
    Real("mangum-0.22", "mangum", "mangum", edition="mangum==0.22.0", unlike={"leave_task_def": MANGUM_RUNS}),
    # An ASGI application without a framework calls what is `def` itself.
    Real("uvicorn", "uvicorn", "uvicorn"),
    Real("uvicorn", "uvicorn", "uvicorn", loop="uvloop"),
    Real("hypercorn", "hypercorn", "hypercorn"),
    Real("daphne", "daphne", "daphne"),
    Real("tornado", "tornado", "tornado"),
    Real("jupyter", "ipykernel", "ipykernel", unlike={"context_def": NOT_LOOPS}),
    Real("fastapi", "fastapi", "fastapi"),
    Real("starlette", "starlette", "starlette"),
    Real("functions-framework", "functions_framework", "functions_framework", server="asgi"),
    Real("functions-framework", "functions_framework", "functions_framework", server="asgi", loop="uvloop"),
    Real("functions-framework-wsgi", "functions_framework", "functions_framework", DEF, server="wsgi"),
    Real("azure-async", "azure", "azure_functions_runtime", ASYNC),
    Real("azure-sync", "azure", "azure_functions_runtime", DEF, unlike={"context_def": NOT_LOOPS}),
    Real("flask", "flask", "flask"),
    # Without a framework: a thread for what is `def`, and asyncio.run in a thread for the others.
    Real("azure-sync", "asgiref", "asgiref", DEF),
    Real("flask", "asgiref", "asgiref", ASYNC, unlike={"context_async": NOT_LOOPS}),
    Real("vercel", "vercel", "vercel_runtime", ASYNC, unlike={"leave_task_async": FROZEN}),
    # WSGI applications on Vercel.
    Real("flask", "vercel", "vercel_runtime", DEF),
    Real("django", "django", "django", server="wsgi"),
    Real("django-asgi", "django", "django", server="asgi"),
)


def worded(outcome):
    """An outcome without what differs from one run to the next, or names the host's own coroutine."""
    text = json.dumps(outcome)
    text = re.sub(r"0x[0-9a-f]+", "0x…", text)
    return json.loads(re.sub(r"Task <Task .*>(?= got Future)", "Task <…>", text))


def differences(ours, theirs):
    """What a profile and a real host do differently, in words."""
    for body, outcomes in theirs.items():
        if ours[body] != outcomes:
            yield "{}: here {}, there {}".format(body, json.dumps(ours[body]), json.dumps(outcomes))


@functools.lru_cache(maxsize=None)
def pythons():
    """The oldest and the newest interpreter that the packages are for, with the packages."""
    lines = os.environ.get("LOOPWARDEN_HOST_PYTHONS")
    if lines is None:
        versions = [python.version for python in harness.pythons() if python.key >= (3, 9)]
        environment = dict(
            os.environ,
            PYTHONS=" ".join(dict.fromkeys((versions[0], versions[-1]))),
            REQUIREMENTS=str(HERE / "requirements.txt"),
            EDITIONS=" ".join(EDITIONS),
            VENVS="hosts-",
        )
        command = [harness.HOME / "Scripts/pythons"]
        lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout
    found = (line.split() for line in lines.splitlines())
    return [harness.Python(version, path, loops == "uvloop") for version, path, loops in found]


class Comparison:
    """All real hosts that there are for one interpreter, and all profiles."""

    def __init__(self, python, folder):
        self.python = python
        self.reals, self.skipped = [], {}
        for real in REAL:
            reason = real.reason_to_skip(python)
            if reason is None:
                self.reals.append(real)
            else:
                self.skipped[real] = reason
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            found = pool.map(lambda real: real.outcomes(python), self.reals)
            #: real → body → what came of each invocation.
            self.theirs = dict(zip(self.reals, found))
        #: (profile, loop) → body → what came of each invocation.
        self.ours = {}
        wanted = {}
        for real in self.reals:
            wanted.setdefault((real.profile, real.loop), set()).update(real.bodies)
        cases = [(profile, loop, body) for (profile, loop), bodies in wanted.items() for body in sorted(bodies)]
        for case in cases:
            self._write_plugin(folder, *case)
        with harness.Daemon(plugins=[folder]) as daemon:
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                for (profile, loop, body), outcomes in zip(
                    cases, pool.map(lambda case: self._invoke(daemon, case), cases)
                ):
                    self.ours.setdefault((profile, loop), {})[body] = outcomes
            for real, theirs in self.theirs.items():
                self._try_again(daemon, real, theirs, self.ours[real.profile, real.loop])

    def _try_again(self, daemon, real, theirs, ours):
        """Has another look at what is different, with all the time in the world: threads may have been late."""
        bodies = [body for body in theirs if ours[body] != theirs[body]]
        if bodies:
            theirs.update(real.outcomes(self.python, bodies, MUCH_PATIENCE))
            ours.update((body, self._invoke(daemon, (real.profile, real.loop, body), MUCH_PATIENCE)) for body in bodies)

    def _write_plugin(self, folder, profile, loop, body):
        name = _name(profile, loop, body)
        shutil.copytree(HERE / "bodies", folder / name, ignore=shutil.ignore_patterns("__*"))
        keys = {"name": name, "handler": body + ".handler", "host": profile, "loop": loop, "python": self.python.path}
        # Those that have answered need not stay: all together have more descriptors than some machines allow. How they
        # start is not what is compared, and forks take half the time.
        keys.update(keepAlive=5, start="fork")
        manifest = "".join("{}: {}\n".format(*each) for each in keys.items())
        (folder / name / "plugin.yaml").write_text(manifest)

    def _invoke(self, daemon, case, patience=1):
        found = []
        with daemon.connect() as connection:
            for number in range(INVOCATIONS):
                reply = connection.invoke(_name(*case), cold=number == 0)
                invocation = reply["invocation"]
                if invocation["outcome"] == "ok":
                    found.append(["ok", reply["result"]])
                else:
                    found.append(["error", invocation["errorType"], invocation["errorMessage"]])
                if "leave" in case[2]:
                    time.sleep(PAUSE_SECONDS * patience)
        return list(map(worded, found))


def _name(profile, loop, body):
    return "{}-{}-{}".format(profile, loop, body).replace(".", "_")


class RealHostTests(harness.ServiceTestCase):
    comparisons = None

    def setUp(self):
        super().setUp()
        if RealHostTests.comparisons is None:
            RealHostTests.comparisons = [Comparison(each, self.scratch / each.version) for each in pythons()]

    def test_each_profile_is_what_the_real_host_is(self):
        for each in self.comparisons:
            for real, reason in each.skipped.items():
                harness.say_skipped("{} on CPython {}".format(real.name, each.python.version), reason)
            for real, theirs in each.theirs.items():
                with self.subTest(real=real.name, profile=real.host, python=each.python.version):
                    self.assertTrue(theirs)
                    self.assertEqual([*differences(each.ours[real.profile, real.loop], theirs)], [])

    def test_no_other_profile_would_do(self):
        for each in self.comparisons:
            for real, theirs in each.theirs.items():
                others = {
                    profile: ours
                    for (profile, loop), ours in each.ours.items()
                    if loop == real.loop and profile != real.profile
                }
                others = {profile: ours for profile, ours in others.items() if ours.keys() >= theirs.keys()}
                alike = [profile for profile, ours in others.items() if not [*differences(ours, theirs)]]
                if not others:
                    harness.say_skipped(real.name, "no other profile is asked for")
                    continue
                with self.subTest(real=real.name, python=each.python.version):
                    if real.bodies is BODIES:
                        self.assertEqual(alike, [])
                    else:
                        # Where a host has only one kind of handler, others do the same to that.
                        self.assertLess(len(alike), len(others))


if __name__ == "__main__":
    unittest.main()
