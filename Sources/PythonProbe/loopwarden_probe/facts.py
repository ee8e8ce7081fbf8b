"""The vocabulary of the event stream: kinds, phases, flags. The numbers are a wire contract and never change."""

from __future__ import annotations

# Kinds of events.
LOOP_CREATED = 1
SLOT_SET = 2
RUN_BEGUN = 3
RUN_ENDED = 4
LOOP_STOPPED = 5
ASYNCGENS_SHUTDOWN = 6
EXECUTOR_SHUTDOWN = 7
LOOP_CLOSED = 8
USED_AFTER_CLOSE = 9
FINALIZED = 10
OPEN_AT_END = 11
SLOT_LEFT_CLOSED = 12
PHASE_BEGUN = 13
PHASE_ENDED = 14
PROBE_FAILED = 15
EVENTS_DROPPED = 16
HOOK_MISSING = 17

KIND_NAMES = {
    LOOP_CREATED: "loop-created",
    SLOT_SET: "slot-set",
    RUN_BEGUN: "run-begun",
    RUN_ENDED: "run-ended",
    LOOP_STOPPED: "loop-stopped",
    ASYNCGENS_SHUTDOWN: "asyncgens-shutdown",
    EXECUTOR_SHUTDOWN: "executor-shutdown",
    LOOP_CLOSED: "loop-closed",
    USED_AFTER_CLOSE: "used-after-close",
    FINALIZED: "finalized",
    OPEN_AT_END: "open-at-end",
    SLOT_LEFT_CLOSED: "slot-left-closed",
    PHASE_BEGUN: "phase-begun",
    PHASE_ENDED: "phase-ended",
    PROBE_FAILED: "probe-failed",
    EVENTS_DROPPED: "events-dropped",
    HOOK_MISSING: "hook-missing",
}

# Phases of an environment.
INIT = 0
INVOCATION = 1
BETWEEN = 2
SHUTDOWN = 3
PHASE_NAMES = {INIT: "init", INVOCATION: "invocation", BETWEEN: "between", SHUTDOWN: "shutdown"}

NO_ORDINAL = 0xFFFFFFFF

# Flags of loop-created, slot-set, run-begun and loop-closed: how the call came about.
IMPLICIT = 1  # inside a policy's get_event_loop
NESTED = 1  # of run-begun: another loop was running in this thread
BY_RUNNER = 2  # inside asyncio.run, asyncio.Runner or uvloop.run
BY_HOST = 4  # the worker itself, not the handler
BY_FINALIZER = 8  # of loop-closed: BaseEventLoop.__del__ closed it

# Flags of open-at-end.
RUNNING_NOW = 1
HELD_BY_MODULE = 2
RAN_IN_PHASE = 4

# Flags of a site definition.
SITE_IS_USER_CODE = 1
SITE_IS_UNDER_ROOT = 2
