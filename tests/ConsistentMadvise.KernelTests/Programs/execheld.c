// A process whose second thread executes the program whose path is the first line of its input. Prints its pid, "pong" for each further line, and "returned" when the
// program could not be executed. Ends with its input.
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char path[4096];

static void *execute(void *unused) {
    execl(path, path, (char *)0);
    puts("returned");
    fflush(stdout);
    return unused;
}

int main(void) {
    char line[4096];
    printf("%d\n", getpid());
    fflush(stdout);
    if (!fgets(path, sizeof path, stdin)) return 0;
    path[strcspn(path, "\n")] = 0;
    pthread_t thread;
    pthread_create(&thread, 0, execute, 0);
    while (fgets(line, sizeof line, stdin)) {
        puts("pong");
        fflush(stdout);
    }

    _exit(0);
}
