/* Writes down, in order, what a program does to the files of one folder: LD_PRELOAD=… TORN_FOLDER=… TORN_LOG=…

   A record is: kind (1 byte: W write, S sync, T truncate, U unlink, R rename), then offset, length of the path, length
   of the data (8 bytes each, as this machine has them), then path and data. A rename's data is its new path. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int log_fd = -1;
static const char *folder;
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);
static int (*real_unlink)(const char *);
static int (*real_rename)(const char *, const char *);

__attribute__((constructor)) static void begin(void) {
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    real_rename = dlsym(RTLD_NEXT, "rename");
    folder = getenv("TORN_FOLDER");
    const char *log = getenv("TORN_LOG");
    if (folder && log) log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int is_watched(const char *path) {
    return log_fd >= 0 && path && strncmp(path, folder, strlen(folder)) == 0;
}

/* The path of an open file of the folder, or NULL. */
static const char *path_of(int fd, char *into, size_t size) {
    char link[64];
    if (log_fd < 0 || fd == log_fd) return NULL;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, into, size - 1);
    if (length < 0) return NULL;
    into[length] = 0;
    return is_watched(into) ? into : NULL;
}

static void note(char kind, const char *path, uint64_t offset, const void *data, uint64_t length) {
    uint64_t head[3] = {offset, strlen(path), length};
    pthread_mutex_lock(&one_at_a_time);
    if (real_write(log_fd, &kind, 1) != 1 || real_write(log_fd, head, sizeof head) != (ssize_t)sizeof head ||
        real_write(log_fd, path, head[1]) != (ssize_t)head[1] || real_write(log_fd, data, length) != (ssize_t)length)
        abort();
    pthread_mutex_unlock(&one_at_a_time);
}

ssize_t write(int fd, const void *data, size_t size) {
    char path[4096];
    const char *watched = path_of(fd, path, sizeof path);
    off_t at = watched ? lseek(fd, 0, SEEK_CUR) : 0;
    if (watched && (fcntl(fd, F_GETFL) & O_APPEND)) at = lseek(fd, 0, SEEK_END);
    ssize_t done = real_write(fd, data, size);
    if (watched && done > 0) note('W', watched, at, data, done);
    return done;
}

ssize_t pwrite64(int fd, const void *data, size_t size, off_t at) {
    char path[4096];
    ssize_t done = real_pwrite(fd, data, size, at);
    const char *watched = done > 0 ? path_of(fd, path, sizeof path) : NULL;
    if (watched) note('W', watched, at, data, done);
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return pwrite64(fd, data, size, at); }

int fsync(int fd) {
    char path[4096];
    const char *watched = path_of(fd, path, sizeof path);
    int done = real_fsync(fd);
    if (watched && done == 0) note('S', watched, 0, "", 0);
    return done;
}

int fdatasync(int fd) {
    char path[4096];
    const char *watched = path_of(fd, path, sizeof path);
    int done = real_fdatasync(fd);
    if (watched && done == 0) note('S', watched, 0, "", 0);
    return done;
}

int ftruncate64(int fd, off_t size) {
    char path[4096];
    int done = real_ftruncate(fd, size);
    const char *watched = done == 0 ? path_of(fd, path, sizeof path) : NULL;
    if (watched) note('T', watched, size, "", 0);
    return done;
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int unlink(const char *path) {
    int done = real_unlink(path);
    if (done == 0 && is_watched(path)) note('U', path, 0, "", 0);
    return done;
}

int rename(const char *from, const char *to) {
    int done = real_rename(from, to);
    if (done == 0 && is_watched(from)) note('R', from, 0, to, strlen(to));
    return done;
}
