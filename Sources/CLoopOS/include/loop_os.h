// What Swift cannot say itself: variadic and raw system calls, and the code that runs between clone and exec.
#ifndef LOOP_OS_H
#define LOOP_OS_H

#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

/// Which step of a spawn failed.
enum loop_spawn_step {
    LOOP_SPAWN_DONE = 0,
    LOOP_SPAWN_CLONE,
    LOOP_SPAWN_SESSION,
    LOOP_SPAWN_PARENT,
    LOOP_SPAWN_LIMIT,
    LOOP_SPAWN_DESCRIPTORS,
    LOOP_SPAWN_DIRECTORY,
    LOOP_SPAWN_GROUP,
    LOOP_SPAWN_EXECUTE,
};

/// What the child needs; everything is prepared by the parent, because the child may allocate nothing.
struct loop_spawn_request {
    const char *executable;
    char *const *arguments;
    char *const *environment;
    const char *directory;
    /// Descriptors that become 0, 1 and 2.
    int input;
    int output;
    int errors;
    /// A descriptor that becomes 3; -1 for none.
    int link;
    /// The cgroup that it is born into: a descriptor of its file cgroup.procs, open for writing; -1 for the parent's.
    int group;
    /// RLIMIT_NOFILE, soft and hard; 0 leaves it.
    uint64_t descriptor_limit;
    /// RLIMIT_LOCKS, soft and hard; 0 leaves it. See ProcessFamily.swift.
    uint64_t mark;
};

struct loop_spawn_result {
    int32_t process;
    int32_t pidfd;
    /// errno of the step that failed.
    int32_t error;
    enum loop_spawn_step step;
};

/// Starts a process as the leader of a session of its own, which dies with the calling thread.
///
/// The calling thread must never end while the child is to live: PR_SET_PDEATHSIG is about threads.
void loop_spawn(const struct loop_spawn_request *request, struct loop_spawn_result *result);

int loop_pidfd_open(pid_t process);
int loop_pidfd_send_signal(int pidfd, int signal);

/// A signal for one thread of a process.
int loop_tgkill(pid_t process, pid_t thread, int signal);

/// waitid(P_PIDFD) with WEXITED; `keep` leaves the process to be waited for again. 0 when it has ended.
int loop_wait(int pidfd, int keep, int32_t *code, int32_t *status);

/// The hard RLIMIT_LOCKS of a process (0: the calling one).
int loop_lock_limit(pid_t process, uint64_t *hard);

/// pipe2 with O_CLOEXEC.
int loop_pipe(int ends[2]);

/// A pair of sockets that keep messages apart (SOCK_SEQPACKET), closed on exec.
int loop_socket_pair(int ends[2]);

/// A pair of stream sockets, closed on exec.
int loop_stream_pair(int ends[2]);

/// Sends one message with descriptors, which the other side gets copies of; the number of bytes sent, or -1.
ssize_t loop_send_descriptors(int socket, const void *bytes, size_t size, const int *descriptors, int count);

int loop_fcntl(int descriptor, int command, int argument);
/// Names the calling thread; at most 15 bytes.
void loop_name_thread(const char *name);

int loop_terminal_columns(int descriptor);

/// mallopt(M_ARENA_MAX): the most heaps that glibc makes for threads; 0 when it refuses.
int loop_limit_heaps(int count);

/// mallopt(M_TRIM_THRESHOLD): what of a heap's end may stay free before it goes back to the kernel; a block of an eighth
/// of it is asked of the kernel by itself (M_MMAP_THRESHOLD). 0 when glibc refuses.
int loop_keep_free_memory(int bytes);

/// The processors that this process may use; -1 when the kernel does not say.
int loop_processors(void);

/// 1 when the path lies in a cgroup v2 hierarchy, 0 when it does not, -1 with errno when nobody can tell.
int loop_is_cgroup2(const char *path);

/// 1 when the file has an extended attribute of that name, and it is "1".
int loop_has_mark(const char *path, const char *name);

#endif
