// sleeper FILE: touches a megabyte, writes its pid into FILE, and sleeps.
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int count, char **arguments) {
    memset(mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 1, 1 << 20);
    FILE *file = fopen(arguments[1], "w");
    fprintf(file, "%d\n", getpid());
    fclose(file);
    for (;;) usleep(1000);
}
