// A process whose mkdir(2) is answered by a supervisor, its parent, once the supervisor is given a line. Prints the pid of the process when its call waits,
// and at the end how often the supervisor was asked.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    volatile int *s = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int child = fork();
    if (!child) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        memset(mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 1, 1 << 20);
        struct sock_filter code[] = {
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mkdirat, 0, 1),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
        struct sock_fprog program = {4, code};
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        int listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
        if (listener < 0) { perror("seccomp"); _exit(1); }
        s[0] = listener;
        while (!s[1]) usleep(1000);
        close(listener);
        long result = syscall(SYS_mkdirat, AT_FDCWD, "/nonexistent/x", 0700);
        s[2] = result == 0 ? 1 : -errno;
        for (;;) pause();
    }

    while (!s[0]) usleep(1000);
    int process = syscall(SYS_pidfd_open, child, 0), listener = syscall(SYS_pidfd_getfd, process, s[0], 0);
    s[1] = 1;
    int requests = 0, lines = 0;
    while (!s[2]) {
        struct seccomp_notif request;
        memset(&request, 0, sizeof request);
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request)) continue;
        if (++requests == 1) {
            printf("%d\n", child);
            fflush(stdout);
            char line[16];
            lines += read(0, line, sizeof line) > 0;
        }

        struct seccomp_notif_resp answer = {.id = request.id};
        ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
        usleep(10000);
        struct pollfd more = {listener, POLLIN};
        while (!s[2] && poll(&more, 1, 10) == 0) {}
    }

    printf("requests %d\n", requests);
    fflush(stdout);
    char byte;
    while (read(0, &byte, 1) > 0) {}
    kill(child, SIGKILL);
    return 0;
}
