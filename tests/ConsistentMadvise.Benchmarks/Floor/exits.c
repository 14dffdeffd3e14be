// Keeps a process of many threads, and has it execute a program by a thread that is not its leader, or kills it: says how long that took by its own clock.
//   start THREADS        -> ready PID
//   exec MICROSECONDS    waits so long first   -> done NANOSECONDS, then ready PID
//   kill MICROSECONDS    the same              -> done NANOSECONDS, until it was reaped here
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char **words;

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ll + time.tv_nsec;
}

static void say(const char *what, long long value) {
    char line[64];
    write(1, line, snprintf(line, sizeof line, "%s %lld\n", what, value));
}

static void *sleeper(void *unused) {
    for (;;) pause();
}

static void *executor(void *unused) {
    char line[64], begin[32];
    ssize_t length = read(0, line, sizeof line - 1);
    if (length <= 0) _exit(0);
    line[length] = 0;
    usleep(atoi(line));
    snprintf(begin, sizeof begin, "%lld", now());
    execl("/proc/self/exe", words[0], "child", words[2], begin, (char *)0);
    _exit(1);
}

static void run_child(int count) {
    if (count > 3) say("done", now() - atoll(words[3]));
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    pthread_t thread;
    for (int i = 2; i < atoi(words[2]); i++) pthread_create(&thread, &small, sleeper, 0);
    pthread_create(&thread, &small, executor, 0);
    say("ready", getpid());
    for (;;) pause();
}

int main(int count, char **given) {
    words = given;
    if (count > 2 && strcmp(given[1], "child") == 0) run_child(count);
    char line[64], word[16];
    int value, commands[2] = {-1, -1};
    pid_t child = 0;
    while (fgets(line, sizeof line, stdin) && sscanf(line, "%15s %d", word, &value) == 2) {
        if (strcmp(word, "start") == 0) {
            if (pipe(commands) != 0) return 1;
            child = fork();
            if (child == 0) {
                char threads[16];
                snprintf(threads, sizeof threads, "%d", value);
                dup2(commands[0], 0);
                close(commands[0]);
                close(commands[1]);
                execl("/proc/self/exe", given[0], "child", threads, (char *)0);
                _exit(1);
            }
            close(commands[0]);
        } else if (strcmp(word, "exec") == 0) {
            dprintf(commands[1], "%d\n", value);
        } else if (strcmp(word, "kill") == 0) {
            usleep(value);
            long long begin = now();
            kill(child, SIGKILL);
            waitpid(child, 0, 0);
            say("done", now() - begin);
            close(commands[1]);
            child = 0;
        }
    }
    if (child != 0) {
        kill(child, SIGKILL);
        waitpid(child, 0, 0);
    }
}
