// dumper MIB: touches memory, starts three threads, writes its pid, and waits until its input ends or a signal ends it.
// Not a managed program: the runtime's threads can cut a core short that nothing else disturbs.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void *wait_for_ever(void *nothing) {
    for (;;) pause();
}

int main(int count, char **arguments) {
    size_t bytes = (size_t)atoi(arguments[1]) << 20;
    memset(mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 1, bytes);
    for (int i = 0; i < 3; i++) {
        pthread_t thread;
        pthread_create(&thread, 0, wait_for_ever, 0);
    }

    printf("%d\n", getpid());
    fflush(stdout);
    char byte;
    while (read(0, &byte, 1) > 0);
    return 0;
}
