// halfway FILE PAGES THREADS [WORD]: maps a file, and enters a system call in which no freezer stops it but SIGKILL ends it: its argument is a page that is brought from outside.
//   look    access(2)     -> seen, when it has returned
//   exec    execve(2) of this program, by a thread that is not the leader; the page is its last argument -> again
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static char **words;
static char *missing;

static void *sleeper(void *unused) {
    for (;;) pause();
}

static void *actor(void *unused) {
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        if (strcmp(line, "look\n") == 0) {
            access(missing, F_OK);
            printf("seen\n");
        } else if (strcmp(line, "exec\n") == 0) {
            execl("/proc/self/exe", words[0], words[1], words[2], words[3], missing, (char *)0);
            printf("failed\n");
        }
        fflush(stdout);
    }
    _exit(0);
}

int main(int count, char **given) {
    words = given;
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    pthread_t thread;
    for (int i = 2; i < atoi(words[3]); i++) pthread_create(&thread, &small, sleeper, 0);
    if (count > 4) {
        printf("again\n");
    } else {
        long page = sysconf(_SC_PAGESIZE), length = atoi(words[2]) * page, sum = 0;
        char *planned = mmap(0, length, PROT_READ | PROT_WRITE, MAP_PRIVATE, open(words[1], O_RDONLY | O_CLOEXEC), 0);
        for (long i = 0; i < length; i += page) sum += *(volatile char *)(planned + i);
        missing = mmap(0, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        int faults = syscall(SYS_userfaultfd, O_CLOEXEC);
        struct uffdio_api api = {.api = UFFD_API};
        struct uffdio_register range = {.range = {(unsigned long)missing, page}, .mode = UFFDIO_REGISTER_MODE_MISSING};
        if (ioctl(faults, UFFDIO_API, &api) != 0 || ioctl(faults, UFFDIO_REGISTER, &range) != 0) return 1;
        printf("%d %d %lx %lx\n", getpid(), faults, (unsigned long)planned, (unsigned long)missing);
    }
    fflush(stdout);
    pthread_create(&thread, &small, actor, 0);
    for (;;) pause();
}
