#define _GNU_SOURCE
#include "loop_os.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <malloc.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

// Numbers that older headers lack; they are the same on every architecture.
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
// CGROUP2_SUPER_MAGIC of linux/magic.h.
#define CGROUP2_MAGIC 0x63677270
#define WAIT_FOR_PIDFD ((idtype_t)3)
#define MOST_DESCRIPTORS 4

int loop_pidfd_open(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

int loop_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, (void *)0, 0);
}

int loop_tgkill(pid_t process, pid_t thread, int signal) {
    return (int)syscall(SYS_tgkill, process, thread, signal);
}

int loop_wait(int pidfd, int keep, int32_t *code, int32_t *status) {
    siginfo_t info = {0};
    int result = waitid(WAIT_FOR_PIDFD, (id_t)pidfd, &info, WEXITED | (keep ? WNOWAIT : 0));
    if (result != 0) return result;
    *code = info.si_code;
    *status = info.si_status;
    return 0;
}

int loop_lock_limit(pid_t process, uint64_t *hard) {
    struct rlimit limit;
    int result = prlimit(process, RLIMIT_LOCKS, NULL, &limit);
    if (result == 0) *hard = limit.rlim_max;
    return result;
}

int loop_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int loop_socket_pair(int ends[2]) { return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends); }

int loop_stream_pair(int ends[2]) { return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends); }

ssize_t loop_send_descriptors(int socket, const void *bytes, size_t size, const int *descriptors, int count) {
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = size};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))];
    } control = {0};
    if (count > MOST_DESCRIPTORS) {
        errno = EINVAL;
        return -1;
    }
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > 0) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(header), descriptors, count * sizeof(int));
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL);
}

int loop_fcntl(int descriptor, int command, int argument) { return fcntl(descriptor, command, argument); }

void loop_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

int loop_terminal_columns(int descriptor) {
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : -1;
}

int loop_limit_heaps(int count) { return mallopt(M_ARENA_MAX, count); }

int loop_keep_free_memory(int bytes) { return mallopt(M_TRIM_THRESHOLD, bytes) && mallopt(M_MMAP_THRESHOLD, bytes / 8); }

int loop_processors(void) {
    cpu_set_t allowed;
    return sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : -1;
}

int loop_is_cgroup2(const char *path) {
    struct statfs about;
    if (statfs(path, &about) != 0) return -1;
    return about.f_type == CGROUP2_MAGIC;
}

int loop_has_mark(const char *path, const char *name) {
    char value;
    return getxattr(path, name, &value, 1) == 1 && value == '1';
}
