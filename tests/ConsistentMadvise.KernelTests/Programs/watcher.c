// watcher MODE PROGRAM ARGUMENT...: runs a program that comes to wait for another process, whose pid takes the place of the argument @:
// trace      that process traces it
// ancestor   that process traces its parent
// chain      that process traces the tracer of it
// supervise  that process answers its calls of process_madvise(2)
// Prints the program's output and "exit CODE", or "hangs" after 20 seconds.
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared { volatile int watcher, tracer, caller, listener, ready; };
static struct shared *s;

static void await(volatile int *flag) { while (!*flag) usleep(1000); }

static void trace(int pid, int options) {
    if (ptrace(PTRACE_SEIZE, pid, 0, options | PTRACE_O_TRACESYSGOOD) || ptrace(PTRACE_INTERRUPT, pid, 0, 0)) { perror("PTRACE_SEIZE"); _exit(1); }
    __atomic_fetch_add(&s->ready, 1, __ATOMIC_SEQ_CST); // two count at a time
    for (;;) {
        int status, tid = waitpid(-1, &status, __WALL);
        if (tid < 0) pause();
        if (!WIFSTOPPED(status)) continue;
        int signal = WSTOPSIG(status);
        if (status >> 16 == PTRACE_EVENT_STOP && signal != SIGTRAP) ptrace(PTRACE_LISTEN, tid, 0, 0);
        else ptrace(PTRACE_SYSCALL, tid, 0, status >> 16 || signal & 0x80 ? 0 : signal); // as strace(1): it stops at every call
    }
}

static void supervise(void) {
    await(&s->listener);
    int process = syscall(SYS_pidfd_open, s->caller, 0), listener = syscall(SYS_pidfd_getfd, process, s->listener, 0);
    if (listener < 0) { perror("pidfd_getfd"); _exit(1); }
    __atomic_fetch_add(&s->ready, 1, __ATOMIC_SEQ_CST); // two count at a time
    for (;;) {
        struct seccomp_notif request;
        memset(&request, 0, sizeof request);
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request)) continue;
        struct seccomp_notif_resp answer = {.id = request.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
        ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }
}

static void be_supervised(void) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 440, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {4, code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    int listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
    if (listener < 0) { perror("seccomp"); _exit(1); }
    s->listener = listener;
    await(&s->ready);
    close(listener);
}

static int start(void) {
    int pid = fork();
    if (!pid) prctl(PR_SET_PDEATHSIG, SIGKILL);
    return pid;
}

int main(int count, char **arguments) {
    const char *mode = arguments[1];
    int isChain = !strcmp(mode, "chain"), isSupervised = !strcmp(mode, "supervise"), parent = getpid(), options = PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
    s = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int caller = start();
    if (!caller) {
        await(&s->watcher);
        if (isSupervised) be_supervised();
        while (s->ready < (isChain ? 2 : 1)) usleep(1000);
        char pid[16];
        sprintf(pid, "%d", s->watcher);
        for (int i = 2; i < count; i++) if (!strcmp(arguments[i], "@")) arguments[i] = pid;
        execvp(arguments[2], arguments + 2);
        perror("exec");
        _exit(127);
    }

    s->caller = caller;
    int tracer = isChain ? start() : 0;
    if (isChain && !tracer) trace(caller, options);
    int watcher = start();
    if (!watcher) {
        memset(mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 1, 1 << 20);
        if (isSupervised) supervise();
        trace(isChain ? tracer : !strcmp(mode, "ancestor") ? parent : caller, isChain ? 0 : options);
    }

    s->watcher = watcher;
    int status;
    for (int i = 0; i < 2000; i++, usleep(10000)) {
        if (waitpid(caller, &status, WNOHANG) == caller) {
            printf("exit %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
            goto end;
        }
    }

    printf("hangs\n");
end:
    fflush(stdout);
    kill(watcher, SIGKILL);
    if (tracer) kill(tracer, SIGKILL);
    kill(caller, SIGKILL);
    return 0;
}
