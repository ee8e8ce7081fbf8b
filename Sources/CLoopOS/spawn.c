#define _GNU_SOURCE
#include "loop_os.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// The thread sanitizer takes every clone() for a fork that duplicates the memory, and gives up at the next thread; the
// C library's other name for the call is not known to it.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
int __clone(int (*function)(void *), void *stack, int flags, void *argument, ...);
#define clone __clone
#endif
#endif

#define STACK_SIZE (64 * 1024)
#define FIRST_FREE 3
#define LINK 3

struct child {
    const struct loop_spawn_request *request;
    struct loop_spawn_result *result;
    pid_t parent;
};

static int fail(struct child *child, enum loop_spawn_step step) {
    child->result->error = errno;
    child->result->step = step;
    return 127;
}

// Everything below the lowest free number would survive an exec; a kernel before 5.9 has no close_range.
static void close_from(unsigned first) {
    if (syscall(SYS_close_range, first, ~0U, 0) == 0) return;
    struct rlimit limit;
    unsigned long end = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536 ? limit.rlim_cur : 65536;
    for (unsigned long descriptor = first; descriptor < end; descriptor++) close((int)descriptor);
}

static int limit_to(int resource, uint64_t value) {
    struct rlimit old;
    if (getrlimit(resource, &old) != 0) return -1;
    // Only a privileged process may raise a hard limit; the lower of the two is always allowed.
    rlim_t chosen = old.rlim_max < value ? old.rlim_max : value;
    struct rlimit limit = {.rlim_cur = chosen, .rlim_max = chosen};
    return setrlimit(resource, &limit);
}

// When memory is short, what protects the daemon must not protect its handlers. CLONE_VFORK keeps the kernel from
// changing the parent, whose memory this is, along with the child.
static void give_up_protection(void) {
    int file = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
    if (file < 0) return;
    char sign;
    if (read(file, &sign, 1) == 1 && sign == '-' && write(file, "0", 1) != 1) errno = 0;
    close(file);
}

// Runs in the child, on the parent's memory, while the calling thread of the parent is suspended: only
// async-signal-safe calls, no allocation, no locks. What it writes to `result` the parent sees.
__attribute__((no_sanitize("thread", "address"))) static int run_child(void *argument) {
    struct child *child = argument;
    const struct loop_spawn_request *request = child->request;

    if (setsid() < 0) return fail(child, LOOP_SPAWN_SESSION);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return fail(child, LOOP_SPAWN_PARENT);
    // The parent may have died before the call above, and then no signal comes.
    if (getppid() != child->parent) {
        errno = ESRCH;
        return fail(child, LOOP_SPAWN_PARENT);
    }

    // Before the program begins, so that all that it ever does counts in the group; 0 is the caller.
    if (request->group >= 0 && write(request->group, "0", 1) != 1) return fail(child, LOOP_SPAWN_GROUP);

    give_up_protection();

    // The kernel's own call, because sigaction() refuses the two signals that glibc keeps for itself. All zero bytes are
    // SIG_DFL without flags in every architecture's struct; 8 is the size of the kernel's signal set.
    const unsigned long default_action[8] = {0};
    for (int signal = 1; signal < NSIG; signal++) syscall(SYS_rt_sigaction, signal, default_action, NULL, 8);
    sigset_t none;
    sigemptyset(&none);
    if (sigprocmask(SIG_SETMASK, &none, NULL) != 0) return fail(child, LOOP_SPAWN_SESSION);

    int standard[3] = {request->input, request->output, request->errors};
    for (int number = 0; number < 3; number++) {
        standard[number] = fcntl(standard[number], F_DUPFD, FIRST_FREE);
        if (standard[number] < 0) return fail(child, LOOP_SPAWN_DESCRIPTORS);
    }
    int link = request->link;
    if (link >= 0) {
        link = fcntl(link, F_DUPFD, LINK + 1);
        if (link < 0) return fail(child, LOOP_SPAWN_DESCRIPTORS);
    }
    for (int number = 0; number < 3; number++) {
        if (dup2(standard[number], number) < 0) return fail(child, LOOP_SPAWN_DESCRIPTORS);
    }
    // What is 3 now was needed for the last time in the lines above.
    if (link >= 0 && dup2(link, LINK) < 0) return fail(child, LOOP_SPAWN_DESCRIPTORS);
    close_from(link >= 0 ? LINK + 1 : FIRST_FREE);

    struct rlimit no_core = {0, 0};
    if (setrlimit(RLIMIT_CORE, &no_core) != 0) return fail(child, LOOP_SPAWN_LIMIT);
    if (request->descriptor_limit != 0 && limit_to(RLIMIT_NOFILE, request->descriptor_limit) != 0)
        return fail(child, LOOP_SPAWN_LIMIT);
    if (request->mark != 0 && limit_to(RLIMIT_LOCKS, request->mark) != 0) return fail(child, LOOP_SPAWN_LIMIT);

    if (chdir(request->directory) != 0) return fail(child, LOOP_SPAWN_DIRECTORY);
    execve(request->executable, request->arguments, request->environment);
    return fail(child, LOOP_SPAWN_EXECUTE);
}

void loop_spawn(const struct loop_spawn_request *request, struct loop_spawn_result *result) {
    result->process = -1;
    result->pidfd = -1;
    result->error = 0;
    result->step = LOOP_SPAWN_DONE;

    void *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) {
        result->error = errno;
        result->step = LOOP_SPAWN_CLONE;
        return;
    }
    // No handler of the parent may run in the child, which shares its memory.
    sigset_t all, old;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &old);

    struct child child = {.request = request, .result = result, .parent = getpid()};
    int pidfd = -1;
    pid_t process =
        clone(run_child, (char *)stack + STACK_SIZE, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &child, &pidfd);
    int error = errno;

    sigprocmask(SIG_SETMASK, &old, NULL);
    munmap(stack, STACK_SIZE);
    if (process < 0) {
        result->error = error;
        result->step = LOOP_SPAWN_CLONE;
    } else if (result->step != LOOP_SPAWN_DONE) {
        int32_t code, status;
        while (loop_wait(pidfd, 0, &code, &status) != 0 && errno == EINTR) {
        }
        close(pidfd);
    } else {
        result->process = process;
        result->pidfd = pidfd;
    }
}
