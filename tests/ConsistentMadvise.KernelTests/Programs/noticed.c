// noticed: makes blocking calls, one kind in each thread, without any signal handler, and counts what a program does not expect of them. Prints its pid; for
// each line of input prints a line for each kind: NAME CALLS INTERRUPTED SHORT, where interrupted is EINTR and short is less than was asked for; then "end".
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/random.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MIB (1 << 20)
struct count { const char *name; volatile unsigned long calls, interrupted, cut; };
static struct count counts[64];
static int kinds, quiet[2]; // nothing ever comes in by quiet

static void note(struct count *c, long result, long wanted) {
    if (result < 0) {
        if (errno == EINTR) c->interrupted++;
        else if (errno != EAGAIN && errno != ETIMEDOUT && errno != ETIME) { perror(c->name); _exit(1); }
    } else if (wanted > 0 && result != wanted) {
        c->cut++;
    }

    c->calls++;
}

static void *data(void) { void *bytes = malloc(8 * MIB); memset(bytes, 1, 8 * MIB); return bytes; }
static struct timespec in50ms(int clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    t.tv_nsec += 50000000;
    if (t.tv_nsec >= 1000000000) { t.tv_sec++; t.tv_nsec -= 1000000000; }
    return t;
}

#define FEED(function, ...) static void *function(void *x) { long fd = (long)x; __VA_ARGS__ return 0; }
FEED(drain_slowly, char b[8192]; for (;; usleep(50)) if (read(fd, b, sizeof b) < 0) {})
FEED(feed_bytes, char b[1] = ""; for (;; usleep(20000)) if (write(fd, b, 1) < 0) {})
FEED(feed_event, uint64_t one = 1; for (;; usleep(20000)) if (write(fd, &one, 8) < 0) {})
FEED(feed_stream, char *b = data(); for (;; usleep(20)) if (write(fd, b, 4096) < 0) {})
FEED(feed_queue, struct { long type; char text[8]; } m = {1, ""}; for (;; usleep(20000)) msgsnd(fd, &m, 8, 0);)
FEED(connect_often, struct sockaddr_in a; socklen_t n = sizeof a; getsockname(fd, (void *)&a, &n);
    for (;; usleep(20000)) { int s = socket(AF_INET, SOCK_STREAM, 0); if (connect(s, (void *)&a, sizeof a)) {} close(s); })
FEED(lock_often, for (;; usleep(200)) { flock(fd, LOCK_EX); usleep(20000); flock(fd, LOCK_UN); })
FEED(signal_often, for (;; usleep(20000)) syscall(SYS_tgkill, getpid(), fd, SIGUSR1);)
static void feed(void *(*function)(void *), long fd) { pthread_t t; pthread_create(&t, 0, function, (void *)fd); }

// a name of the thread's function, what is made first, the call, and what it returns when it is whole (0 where that says nothing)
#define KIND(function, label, wanted, call, ...) \
    static void *function(void *x) { struct count *c = x; c->name = label; __VA_ARGS__; for (;;) { long r = call; note(c, r, wanted); } return 0; }
#define PIPE int p[2]; if (pipe(p)) _exit(1)
#define PAIR int p[2]; socketpair(AF_UNIX, SOCK_STREAM, 0, p)
KIND(k1, "epoll_wait", 0, epoll_wait(e, &v, 1, 50), int e = epoll_create1(0); struct epoll_event v = {EPOLLIN}; epoll_ctl(e, EPOLL_CTL_ADD, quiet[0], &v))
KIND(k2, "semtimedop", 0, semtimedop(s, &o, 1, &t), int s = semget(IPC_PRIVATE, 1, 0600); struct sembuf o = {0, -1, 0}; struct timespec t = {0, 50000000})
KIND(k3, "recv with SO_RCVTIMEO", 0, recv(p[0], b, 1, 0), PAIR; struct timeval t = {0, 50000}; setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t); char b[1])
KIND(k4, "sigtimedwait", 0, sigtimedwait(&s, 0, &t), sigset_t s; sigemptyset(&s); sigaddset(&s, SIGUSR2); struct timespec t = {0, 50000000})
KIND(k5, "io_getevents", 0, syscall(SYS_io_getevents, a, 1, 1, &v, &t), aio_context_t a = 0; syscall(SYS_io_setup, 4, &a); struct io_event v; struct timespec t = {0, 50000000})
KIND(k6, "io_uring_enter", 0, syscall(SYS_io_uring_enter, u, 0, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &g, sizeof g),
    struct io_uring_params q = {0}; int u = syscall(SYS_io_uring_setup, 4, &q); struct timespec t = {0, 50000000}; struct io_uring_getevents_arg g = {.ts = (uintptr_t)&t})
KIND(k10, "write to a pipe, 1 MiB", MIB, write(p[1], b, MIB), PIPE; char *b = data(); feed(drain_slowly, p[0]))
KIND(k11, "send to a stream socket, 1 MiB", MIB, send(p[1], b, MIB, 0), PAIR; char *b = data(); feed(drain_slowly, p[0]))
KIND(k12, "recv with MSG_WAITALL, 1 MiB", MIB, recv(p[0], b, MIB, MSG_WAITALL), PAIR; char *b = data(); feed(feed_stream, p[1]))
KIND(k13, "sendfile to a socket, 4 MiB", 4 * MIB, (o = 0, sendfile(p[1], f, &o, 4 * MIB)), PAIR; int f = memfd_create("f", 0); if (ftruncate(f, 8 * MIB)) _exit(1); off_t o; feed(drain_slowly, p[0]))
KIND(k14, "getrandom, 8 MiB", 8 * MIB, getrandom(b, 8 * MIB, 0), char *b = data())
KIND(k20, "poll", 0, poll(&f, 1, 50), struct pollfd f = {quiet[0], POLLIN})
KIND(k21, "ppoll", 0, (t.tv_nsec = 50000000, ppoll(&f, 1, &t, 0)), struct pollfd f = {quiet[0], POLLIN}; struct timespec t = {0})
KIND(k22, "select", 0, (FD_SET(quiet[0], &s), t.tv_usec = 50000, select(quiet[0] + 1, &s, 0, 0, &t)), fd_set s; FD_ZERO(&s); struct timeval t = {0})
KIND(k23, "nanosleep", 0, nanosleep(&t, 0), struct timespec t = {0, 50000000})
KIND(k24, "clock_nanosleep until a time", 0, (t = in50ms(CLOCK_MONOTONIC), errno = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, 0), errno ? -1 : 0), struct timespec t)
KIND(k25, "futex wait", 0, syscall(SYS_futex, &f, FUTEX_WAIT_PRIVATE, 0, &t, 0, 0), int f = 0; struct timespec t = {0, 50000000})
KIND(k26, "sem_timedwait", 0, (t = in50ms(CLOCK_REALTIME), sem_timedwait(&s, &t)), sem_t s; sem_init(&s, 0, 0); struct timespec t)
KIND(k27, "msgrcv", 8, msgrcv(q, &m, 8, 0, 0), int q = msgget(IPC_PRIVATE, 0600); struct { long type; char text[8]; } m; feed(feed_queue, q))
KIND(k28, "read of a pipe", 1, read(p[0], b, 1), PIPE; char b[1]; feed(feed_bytes, p[1]))
KIND(k29, "read of an eventfd", 8, read(e, &v, 8), int e = eventfd(0, 0); uint64_t v; feed(feed_event, e))
KIND(k30, "read of a signalfd", sizeof i, read(f, &i, sizeof i), sigset_t s; sigemptyset(&s); sigaddset(&s, SIGUSR1); int f = signalfd(-1, &s, 0); struct signalfd_siginfo i; feed(signal_often, syscall(SYS_gettid)))
KIND(k31, "recv of a stream socket", 1, recv(p[0], b, 1, 0), PAIR; char b[1]; feed(feed_bytes, p[1]))
KIND(k32, "accept", 0, (s = accept(l, 0, 0), s < 0 ? -1 : close(s)),
    int l = socket(AF_INET, SOCK_STREAM, 0); struct sockaddr_in a = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}}; int s; if (bind(l, (void *)&a, sizeof a) || listen(l, 10)) _exit(1); feed(connect_often, l))
KIND(k33, "flock", 0, (usleep(100), flock(g, LOCK_EX) < 0 ? -1 : flock(g, LOCK_UN)), char n[] = "/tmp/noticed-XXXXXX"; int f = mkstemp(n); int g = open(n, O_RDWR); unlink(n); feed(lock_often, f))
KIND(k34, "mq_timedreceive", 0, (t = in50ms(CLOCK_REALTIME), mq_timedreceive(q, b, sizeof b, 0, &t)),
    char n[32]; sprintf(n, "/noticed%d", getpid()); mqd_t q = mq_open(n, O_CREAT | O_RDWR, 0600, 0); mq_unlink(n); char b[9000]; struct timespec t)
KIND(k35, "splice from a pipe", 1, (splice(p[0], 0, o[1], 0, 1, 0) < 0 ? -1 : read(o[0], b, 1)), PIPE; int o[2]; if (pipe(o)) _exit(1); char b[64]; feed(feed_bytes, p[1]))
KIND(k36, "write of a file, 8 MiB", 8 * MIB, (usleep(5000), pwrite(f, b, 8 * MIB, 0)), int f = memfd_create("f", 0); char *b = data())

int main(void) {
    static void *(*const functions[])(void *) = {k1, k2, k3, k4, k5, k6, k10, k11, k12, k13, k14, k20, k21, k22, k23, k24, k25, k26, k27, k28, k29, k30, k31, k32, k33, k34, k35, k36};
    sigset_t s;
    sigemptyset(&s);
    sigaddset(&s, SIGUSR1);
    sigaddset(&s, SIGUSR2);
    sigprocmask(SIG_BLOCK, &s, 0);
    if (unshare(CLONE_NEWIPC)) perror("unshare"); // its semaphores and queues go with it
    if (pipe(quiet)) return 1;
    kinds = sizeof functions / sizeof *functions;
    for (int i = 0; i < kinds; i++) { pthread_t t; pthread_create(&t, 0, functions[i], &counts[i]); }
    for (int i = 0; i < kinds; i++) while (!counts[i].calls) usleep(1000);
    printf("%d\n", getpid());
    fflush(stdout);
    char line[16];
    while (fgets(line, sizeof line, stdin)) {
        for (int i = 0; i < kinds; i++) printf("%s\t%lu\t%lu\t%lu\n", counts[i].name, counts[i].calls, counts[i].interrupted, counts[i].cut);
        printf("end\n");
        fflush(stdout);
    }

    _exit(0);
}
