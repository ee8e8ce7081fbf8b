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

# Observations: what a hook saw that is no step in a loop's life. Written by `report` of hooks/base.py; what site,
# detail and value are is said beside each.
RELATED_SITE = 31  # a further line of the observation that follows in this thread; flags: its kind; detail: the line's
# role; value: in which invocation it played that role, -1: before the first one
TASK_LEFT_AT_CLOSE = 32  # site: where it waits; detail: the coroutine's name
TASK_DESTROYED = 33  # collected while pending; site, detail: as above
NEVER_AWAITED = 34  # site: the call, or the def; detail: the coroutine's name
EXCEPTION_NEVER_RETRIEVED = 35  # site: where it was raised; detail: "Type: message"
TASK_UNFINISHED = 36  # when the answer went out; site: where it waits; detail: the coroutine's name; value: its number
CANCEL_SWALLOWED = 37  # site: where it goes on in spite of it; detail: the coroutine's name
EXIT_ESCAPED = 38  # out of the handler; site: where it was raised; detail: the exception's type
NESTED_RUN = 39  # refused, or allowed by nest_asyncio; site: the call; detail: what was called; value: the running loop
NO_CURRENT_LOOP = 40  # get_event_loop() found none; detail: the error's text
NO_RUNNING_LOOP = 41  # where it mattered; detail: the error's text
WRONG_LOOP = 42  # loop: the one it is used on; value: the one it belongs to; detail: the object's type; site: the use
TASK_RESUMED = 43  # in a later invocation; value: its number, as when it was left unfinished
CLOSE_REFUSED = 44  # of a running loop; site: the call
FOREIGN_END = 45  # closed or stopped by who does not own it; detail: what was called
EXECUTOR_REUSED = 46  # after its shutdown; site: the submit; detail: the executor's type
ASYNCGEN_UNCLOSED = 47  # site: where it waits; detail: its name
LOOP_BLOCKED = 48  # the daemon's own event; site: where; detail: what the thread slept for, or "computing"; value: for
# how long at least, in nanoseconds; flags: 1, for a good part of it no CPU was free
CROSS_THREAD_CALL = 49  # of a method that is not thread-safe; detail: the method
THREAD_LEFT = 50  # site: where it was started, and others before it; detail: its name; value: how many are alive
CHILD_LEFT = 51  # site: where it was started; detail: the program; value: its process id
RESOURCE_UNCLOSED = 52  # site: where it was made; detail: what it is
DESCRIPTORS = 53  # when they pile up; site: what opens them; detail: what they are; value: how many are open in all
DEPRECATED_API = 54  # site: the use; detail: the name
NEST_ASYNCIO = 55  # was applied; site: the call; detail: which one
NOT_ON_WINDOWS = 56  # site: the use; detail: the name
SIGNAL_OFF_MAIN = 57  # site: the use; detail: what was called
ASYNC_CM_MISUSE = 58  # site: the with statement; detail: the error's text
OWN_LOOP_WAIT = 59  # a thread waits for what only its own loop can do; site: the wait; detail: what was called
AWAIT_PENDING = 60  # when the deadline was near; site: where a task waits; detail: the coroutine's name
CANCEL_SCOPE_MISUSE = 61  # site: the exit; detail: the error's text
SEQUENTIAL_AWAITS = 62  # site: the second await; detail: the function
STATIC_HINT = 63  # a linter's, of a line that this run may not have reached; detail: "CODE text"
COROUTINE_REUSED = 64  # it has run, or is being awaited; site: where it is awaited again; detail: its name, if known

# Freezing, between two invocations. The first two are the daemon's own events.
FROZEN = 65  # detail: by which means; value: how many processes
THAWED = 66  # detail: as above; value: for how long they had been stopped, in nanoseconds
TASK_FROZEN = 67  # it is alive; site: where it waits; detail: the coroutine's name; value: its number
TASK_THAWED = 68  # it went on for the first time after that, or has ended; site: where it waits, or has waited; detail,
# value: as above
TIMER_FROZEN = 69  # site: the callback; detail: its name; value: when it is due, in nanoseconds from now
TIMER_LATE = 70  # it came due while frozen, and has fired; site, detail: as above; value: how late, in nanoseconds
THREAD_FROZEN = 71  # site: where it stands; detail: its name
CHILD_FROZEN = 72  # site: where it was started; detail: the program; value: its process id
SOCKET_FROZEN = 73  # detail: what it is connected to; value: its descriptor
SOCKET_LOST = 74  # its peer has gone away meanwhile; detail, value: as above

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
    RELATED_SITE: "related-site",
    TASK_LEFT_AT_CLOSE: "task-left-at-close",
    TASK_DESTROYED: "task-destroyed",
    NEVER_AWAITED: "never-awaited",
    EXCEPTION_NEVER_RETRIEVED: "exception-never-retrieved",
    TASK_UNFINISHED: "task-unfinished",
    CANCEL_SWALLOWED: "cancel-swallowed",
    EXIT_ESCAPED: "exit-escaped",
    NESTED_RUN: "nested-run",
    NO_CURRENT_LOOP: "no-current-loop",
    NO_RUNNING_LOOP: "no-running-loop",
    WRONG_LOOP: "wrong-loop",
    TASK_RESUMED: "task-resumed",
    CLOSE_REFUSED: "close-refused",
    FOREIGN_END: "foreign-end",
    EXECUTOR_REUSED: "executor-reused",
    ASYNCGEN_UNCLOSED: "asyncgen-unclosed",
    LOOP_BLOCKED: "loop-blocked",
    CROSS_THREAD_CALL: "cross-thread-call",
    THREAD_LEFT: "thread-left",
    CHILD_LEFT: "child-left",
    RESOURCE_UNCLOSED: "resource-unclosed",
    DESCRIPTORS: "descriptors",
    DEPRECATED_API: "deprecated-api",
    NEST_ASYNCIO: "nest-asyncio",
    NOT_ON_WINDOWS: "not-on-windows",
    SIGNAL_OFF_MAIN: "signal-off-main",
    ASYNC_CM_MISUSE: "async-cm-misuse",
    OWN_LOOP_WAIT: "own-loop-wait",
    AWAIT_PENDING: "await-pending",
    CANCEL_SCOPE_MISUSE: "cancel-scope-misuse",
    SEQUENTIAL_AWAITS: "sequential-awaits",
    STATIC_HINT: "static-hint",
    COROUTINE_REUSED: "coroutine-reused",
    FROZEN: "frozen",
    THAWED: "thawed",
    TASK_FROZEN: "task-frozen",
    TASK_THAWED: "task-thawed",
    TIMER_FROZEN: "timer-frozen",
    TIMER_LATE: "timer-late",
    THREAD_FROZEN: "thread-frozen",
    CHILD_FROZEN: "child-frozen",
    SOCKET_FROZEN: "socket-frozen",
    SOCKET_LOST: "socket-lost",
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

# Flags of nested-run.
RUNS_ELSEWHERE = 1  # the loop that was to run runs in another thread
RUNS_LATER = 2  # uvloop has made a task of the coroutine: it runs all the same, in the loop that runs
MAY_RUN_OTHERWISE = 4  # a coroutine that the caller still has
WAS_LOST = 8  # of an attempt told before: the coroutine was dropped, or has not begun when the handler returns

# Flags of no-current-loop, no-running-loop, async-cm-misuse, cancel-scope-misuse and coroutine-reused.
HAS_ESCAPED = 1  # the error came out of the handler, by itself or as the cause of another
WAS_CAUGHT = 2  # another error came out, which was raised while this one was being handled
IS_EXPECTED = 4  # of no-current-loop: an `except` that names the error is around the line; no fault, but somebody asks

# Flags of used-after-close.
THROUGH_TRANSPORT = 16  # not a method of the loop, but one of a transport that had been its own

# Flags of nest-asyncio.
WAS_REFUSED = 1  # the loop is not asyncio's own
HAS_NO_FACTORY = 2  # asyncio.run(loop_factory=...) failed, as the one that was put in its place does not know it

# Flags of slot-left-closed.
IS_MINDED = 1  # the user's code has looked whether the current loop was closed

# Flags of open-at-end.
RUNNING_NOW = 1
HELD_BY_MODULE = 2
RAN_IN_PHASE = 4

# Flags of wrong-loop.
IS_FUTURE = 1  # a future or task is awaited as such, not through something that uses one
IS_CLIENT = 2  # a library's object, which keeps a future of its own

# Flags of await-pending.
WAITS_FOR_TASKS = 1  # for others, which are told as well
LOOP_IS_BUSY = 2  # at work at that moment
IN_BACKGROUND = 4  # what the loop was run for does not wait for it

# Flags of task-unfinished: what becomes of the task.
CANCELLED_BY_RUNNER = 1  # by asyncio.run or a Runner, which ends
CANCELLED_BY_HOST = 2  # by the host, with its loop
LEFT_FROZEN = 4  # on a loop that stays open and does not run
LEFT_IN_THREAD = 8  # on a loop that runs in another thread
LEFT_BEFORE = 16  # an earlier invocation has left one of the same function
LEFT_BY_GATHER = 64  # a gather() that failed has left it alone; also of task-resumed
LEFT_UNRUN = 32  # on a loop that nobody has run in this invocation: it has not begun

# Flags of task-left-at-close and task-destroyed.
NEVER_BEGUN = 1  # its coroutine has not run a single line

# Flags of never-awaited.
AT_CALL = 1  # the site is the call; else it is where the function is defined
USED_AS_RESULT = 2  # it was not dropped: at the site something was done with it that only its result can do
GIVEN_IN_LIST = 4  # with it: in a list, to gather(), which wants each coroutine by itself

# Flags of deprecated-api.
IS_LACKING = 1  # this Python has it no longer, or not yet: the line has failed

# Flags of own-loop-wait.
LOOP_IS_IDLE = 1  # it is another loop than the thread's own, and none that anybody runs

# Flags of task-frozen, beside LEFT_IN_THREAD.
IS_FORGOTTEN = 1  # nobody waits for it

# Flags of task-thawed.
HAS_ENDED = 1
HAS_FAILED = 2  # by an exception
WAS_CANCELLED = 4
WAS_OVERDUE = 8  # a timer ended its wait, which had come due while it was frozen
IS_UNNOTICED = 16  # nobody will look at the exception

# Flags of executor-reused.
IS_DEFAULT_EXECUTOR = 1  # that of a loop
AT_INTERPRETER_EXIT = 2  # not shut down by anybody: Python was ending

# Flags of thread-left.
IS_DAEMON = 1
OF_EXECUTOR = 2  # a pool's; started: the invocations that made the pools
HOLDS_EXIT = 4  # when a suite of tests is over: Python would wait for it for ever

# Flags of child-left.
HAS_EXITED = 1  # and nobody has waited for it
LOOP_IS_GONE = 2  # the loop that it was started on was closed while it ran

# Flags of descriptors.
LINE_IS_HANDLERS = 1  # the handler's own, because it is not known which one opens them

# Flags of resource-unclosed.
WAS_COLLECTED = 1  # by the garbage collector, without having been closed
IS_KEPT = 2  # by a module of the user's

# Flags of a site definition.
SITE_IS_USER_CODE = 1
SITE_IS_UNDER_ROOT = 2
