// freeze PID [CGROUP]: freezes and thaws a process in the shortest way known in C, once for each line of its input, and prints what that took:
//   ptrace | signal | cgroup | two-step   ->   "FREEZE THAW", in nanoseconds
// Waits without a deadline, checks nothing that a caller would have to check, and leaves a frozen target behind when it is killed: a floor, not a peer.
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MaxThreads = 4096 };

static int pid, task, freeze_file = -1, events_file = -1;
static int tids[MaxThreads], listed;
static int held[MaxThreads], count;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void list(void) {
    static char entries[32768];
    listed = 0;
    lseek(task, 0, SEEK_SET);
    for (long bytes; (bytes = syscall(SYS_getdents64, task, entries, sizeof entries)) > 0;) {
        for (long at = 0; at < bytes; at += ((struct dirent64 *)(entries + at))->d_reclen) {
            int tid = atoi(((struct dirent64 *)(entries + at))->d_name);
            if (tid != 0 && listed < MaxThreads) tids[listed++] = tid;
        }
    }
}

static int alive(void) {
    struct stat status;
    return fstat(task, &status) ? 0 : (int)status.st_nlink - 2;
}

static int is_held(int tid) {
    for (int i = 0; i < count; i++) {
        if (held[i] == tid) return 1;
    }
    return 0;
}

static void seize_all(void) {
    list();
    int before = count;
    for (int i = 0; i < listed; i++) {
        if (before != 0 && is_held(tids[i])) continue;
        if (ptrace(PTRACE_SEIZE, tids[i], 0, 0) || ptrace(PTRACE_INTERRUPT, tids[i], 0, 0)) die("ptrace");
        held[count++] = tids[i];
    }
}

static void await_stops(int from) {
    for (int i = from, status; i < count; i++) {
        if (waitpid(held[i], &status, __WALL) < 0) die("waitpid");
    }
}

static void freeze_by_ptrace(void) {
    count = 0;
    do {
        int before = count;
        seize_all();
        await_stops(before);
    } while (alive() != count);
}

static void detach_all(void) {
    for (int i = 0; i < count; i++) {
        if (ptrace(PTRACE_DETACH, held[i], 0, 0)) die("detach");
    }
}

static void write_freeze(const char *value) {
    if (pwrite(freeze_file, value, 1, 0) != 1) die("cgroup.freeze");
}

static void freeze_by_cgroup(void) {
    char text[128];
    write_freeze("1");
    for (;;) {
        ssize_t bytes = pread(events_file, text, sizeof text - 1, 0);
        if (bytes < 0) die("cgroup.events");
        text[bytes] = 0;
        if (strstr(text, "frozen 1")) return;
        sched_yield();
    }
}

static int is_stopped(int tid) {
    char path[64], text[512];
    snprintf(path, sizeof path, "%d/stat", tid);
    int file = openat(task, path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 1; // it has ended
    ssize_t bytes = read(file, text, sizeof text - 1);
    close(file);
    if (bytes <= 0) return 1;
    text[bytes] = 0;
    char *name_end = strrchr(text, ')');
    return name_end && name_end[2] == 'T';
}

static void freeze_by_signal(void) {
    list();
    for (int i = 0; i < listed; i++) {
        if (syscall(SYS_tgkill, pid, tids[i], SIGSTOP)) die("tgkill");
    }
    for (int i = 0; i < listed; i++) {
        while (!is_stopped(tids[i])) sched_yield();
    }
    if (alive() != listed) die("threads were born");
}

// CRIU's way: the cgroup catches all at once, ptrace takes over, and the cgroup is thawed while all are held.
static void freeze_in_two_steps(void) {
    freeze_by_cgroup();
    count = 0;
    seize_all();
    write_freeze("0");
    await_stops(0);
}

int main(int argc, char **argv) {
    char path[512], line[32];
    if (argc < 2) return 2;
    pid = atoi(argv[1]);
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    task = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (task < 0) die(path);
    if (argc > 2) {
        snprintf(path, sizeof path, "%s/cgroup.freeze", argv[2]);
        freeze_file = open(path, O_WRONLY | O_CLOEXEC);
        snprintf(path, sizeof path, "%s/cgroup.events", argv[2]);
        events_file = open(path, O_RDONLY | O_CLOEXEC);
        if (freeze_file < 0 || events_file < 0) die(path);
    }
    while (fgets(line, sizeof line, stdin)) {
        char way = line[0];
        uint64_t begin = now();
        switch (way) {
        case 'p': freeze_by_ptrace(); break;
        case 's': freeze_by_signal(); break;
        case 'c': freeze_by_cgroup(); break;
        case 't': freeze_in_two_steps(); break;
        default: return 2;
        }
        uint64_t frozen = now();
        switch (way) {
        case 's': if (syscall(SYS_tgkill, pid, pid, SIGCONT)) die("SIGCONT"); break;
        case 'c': write_freeze("0"); break;
        default: detach_all(); break;
        }
        uint64_t thawed = now();
        printf("%lu %lu\n", frozen - begin, thawed - frozen);
        fflush(stdout);
    }
    return 0;
}
