// seizer TID...: traces threads that are given, and lets each run on whenever it stops, as a debugger may. Prints its pid when it traces them;
// ends with its input.
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static void *end_with_input(void *unused) {
    char byte;
    while (read(0, &byte, 1) > 0) {}
    _exit(0);
}

int main(int count, char **tids) {
    pthread_t thread;
    pthread_create(&thread, 0, end_with_input, 0);
    for (int i = 1; i < count; i++) {
        if (ptrace(PTRACE_SEIZE, atoi(tids[i]), 0, 0)) {
            perror("PTRACE_SEIZE");
            return 1;
        }
    }

    printf("%d\n", getpid());
    fflush(stdout);
    for (;;) {
        int status;
        int tid = waitpid(-1, &status, __WALL);
        if (tid < 0) {
            pause();
        }

        if (WIFSTOPPED(status)) {
            int signal = status >> 16 || WSTOPSIG(status) == SIGSTOP ? 0 : WSTOPSIG(status);
            ptrace(PTRACE_CONT, tid, 0, signal);
        }
    }
}
