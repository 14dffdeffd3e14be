// A process that serves a FUSE file system (through /dev/fuse, in a mount namespace of its own) and maps its only file, of 8 MiB, in 64 parts: WILLNEED
// asks for one read each, and waits once 12 are under way. It answers no read until it is given a line.
// Prints its pid, and "read" when the first read has come. Ends with its input.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIZE = 8 << 20, PARTS = 64, MOST = 256 };
static int device, held = 1, count;
static struct { unsigned long unique; unsigned size; } waiting[MOST];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void reply(unsigned long unique, int error, void *data, size_t size) {
    static __thread char buffer[1 << 20];
    struct fuse_out_header *out = (void *)buffer;
    *out = (struct fuse_out_header){.len = sizeof *out + size, .error = -error, .unique = unique};
    if (size && data) memcpy(out + 1, data, size);
    else memset(out + 1, 0, size);
    if (write(device, buffer, out->len) < 0) {}
}

static struct fuse_attr attributes(unsigned long node) {
    return (struct fuse_attr){.ino = node, .nlink = 1, .blksize = 4096, .mode = node == 1 ? S_IFDIR | 0755 : S_IFREG | 0755, .size = node == 1 ? 0 : SIZE};
}

static void answer(struct fuse_in_header *in) {
    switch (in->opcode) {
    case FUSE_INIT: {
        struct fuse_init_out r = {.major = 7, .minor = 31, .max_readahead = 131072, .flags = FUSE_ASYNC_READ, .max_background = 12, .congestion_threshold = 9, .max_write = 131072, .time_gran = 1};
        reply(in->unique, 0, &r, sizeof r);
        break;
    }
    case FUSE_LOOKUP: {
        struct fuse_entry_out r = {.nodeid = 2, .attr_valid = 1000, .entry_valid = 1000, .attr = attributes(2)};
        reply(in->unique, strcmp((char *)(in + 1), "f") ? 2 : 0, &r, strcmp((char *)(in + 1), "f") ? 0 : sizeof r);
        break;
    }
    case FUSE_GETATTR: {
        struct fuse_attr_out r = {.attr_valid = 1000, .attr = attributes(in->nodeid)};
        reply(in->unique, 0, &r, sizeof r);
        break;
    }
    case FUSE_OPEN: {
        struct fuse_open_out r = {.fh = 1};
        reply(in->unique, 0, &r, sizeof r);
        break;
    }
    case FUSE_READ: {
        unsigned size = ((struct fuse_read_in *)(in + 1))->size;
        pthread_mutex_lock(&lock);
        int keep = held && count < MOST;
        if (keep) {
            waiting[count].unique = in->unique;
            waiting[count].size = size;
            if (++count == 1) {
                puts("read");
                fflush(stdout);
            }
        }

        pthread_mutex_unlock(&lock);
        if (!keep) reply(in->unique, 0, 0, size);
        break;
    }
    case FUSE_FORGET: case FUSE_BATCH_FORGET: case FUSE_INTERRUPT: break;
    case FUSE_RELEASE: case FUSE_FLUSH: case FUSE_ACCESS: reply(in->unique, 0, 0, 0); break;
    default: reply(in->unique, 38, 0, 0);
    }
}

static void *serve(void *unused) {
    static char buffer[1 << 20];
    while (read(device, buffer, sizeof buffer) > 0) answer((void *)buffer);
    return unused;
}

int main(void) {
    char place[] = "/tmp/cm-heldfs-XXXXXX", options[100], name[40], line[16];
    if (!mkdtemp(place) || unshare(CLONE_NEWNS) || mount("none", "/", 0, MS_REC | MS_PRIVATE, 0)) { perror("unshare"); return 1; }
    device = open("/dev/fuse", O_RDWR);
    snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0", device);
    if (mount("heldfs", place, "fuse", 0, options)) { perror("mount"); return 1; }
    pthread_t thread;
    pthread_create(&thread, 0, serve, 0);
    snprintf(name, sizeof name, "%s/f", place);
    int file = open(name, O_RDONLY);
    for (int i = 0; i < PARTS; i++) { // of two kinds, which the kernel does not merge
        if (mmap(0, SIZE / PARTS, i % 2 ? PROT_READ : PROT_NONE, MAP_SHARED, file, (off_t)i * (SIZE / PARTS)) == MAP_FAILED) { perror(name); return 1; }
    }

    close(file); // while it is served: at the end the process would wait for its own answer
    printf("%d\n", getpid());
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        pthread_mutex_lock(&lock);
        held = 0;
        while (count > 0) {
            count--;
            reply(waiting[count].unique, 0, 0, waiting[count].size);
        }

        pthread_mutex_unlock(&lock);
    }

    umount2(place, MNT_DETACH);
    rmdir(place);
    _exit(0);
}
