// Keeps, below $POWER_TO, what a loss of power would leave of the files below $POWER_FROM: a write
// reaches the copy only when a sync of that file returned after it. Loaded with LD_PRELOAD in front of
// the real program, so that what it judges are the calls that reach the kernel, not what a library says.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES_MAX 64
#define NAME_MAX_LEN 256

// A write (length >= 0) or a cut to `offset` (length == -1) that no sync has covered yet.
struct change {
    off_t offset;
    ssize_t length;
    struct change *next;
    char bytes[];
};

struct file {
    char name[NAME_MAX_LEN];
    struct change *first, **last;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct file files[FILES_MAX];
static int files_count;

static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_unlink)(const char *);
static char from[1024], to[1024];

__attribute__((constructor)) static void begin(void) {
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_write = dlsym(RTLD_NEXT, "write");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    snprintf(from, sizeof from, "%s/", getenv("POWER_FROM"));
    snprintf(to, sizeof to, "%s/", getenv("POWER_TO"));
}

// The file behind a descriptor, if it lies in the folder; shared memory is no storage.
static struct file *file_of(int fd) {
    char link[64], path[1024];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return NULL;
    path[length] = 0;
    size_t prefix = strlen(from);
    if (strncmp(path, from, prefix) != 0) return NULL;
    const char *name = path + prefix;
    size_t name_length = strlen(name);
    if (strchr(name, '/') || name_length >= NAME_MAX_LEN) return NULL;
    if (name_length > 4 && strcmp(name + name_length - 4, "-shm") == 0) return NULL;
    for (int i = 0; i < files_count; i++)
        if (strcmp(files[i].name, name) == 0) return &files[i];
    if (files_count == FILES_MAX) abort();
    struct file *file = &files[files_count++];
    strcpy(file->name, name);
    file->last = &file->first;
    return file;
}

static void note(int fd, off_t offset, const void *bytes, ssize_t length) {
    int kept = errno;
    pthread_mutex_lock(&lock);
    struct file *file = file_of(fd);
    if (file) {
        struct change *change = malloc(sizeof *change + (length > 0 ? length : 0));
        if (!change) abort();
        change->offset = offset;
        change->length = length;
        change->next = NULL;
        if (length > 0) memcpy(change->bytes, bytes, length);
        *file->last = change;
        file->last = &change->next;
    }
    pthread_mutex_unlock(&lock);
    errno = kept;
}

// What was written before the sync began becomes durable when it returned.
static int synced(int fd, int (*sync)(int)) {
    pthread_mutex_lock(&lock);
    struct file *file = file_of(fd);
    struct change *first = NULL;
    if (file) {
        first = file->first;
        file->first = NULL;
        file->last = &file->first;
    }
    pthread_mutex_unlock(&lock);
    int done = sync(fd);
    if (done != 0) abort();
    if (!file) return done;
    char path[2048];
    snprintf(path, sizeof path, "%s%s", to, file->name);
    pthread_mutex_lock(&lock);
    int copy = open(path, O_WRONLY | O_CREAT, 0600);
    if (copy < 0) abort();
    while (first) {
        struct change *change = first;
        if (change->length < 0) {
            if (real_ftruncate(copy, change->offset) != 0) abort();
        } else if (real_pwrite(copy, change->bytes, change->length, change->offset) != change->length) {
            abort();
        }
        first = change->next;
        free(change);
    }
    close(copy);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) {
    ssize_t done = real_pwrite(fd, bytes, length, offset);
    if (done > 0) note(fd, offset, bytes, done);
    return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }

ssize_t write(int fd, const void *bytes, size_t length) {
    off_t offset = lseek(fd, 0, SEEK_CUR);
    ssize_t done = real_write(fd, bytes, length);
    if (done > 0 && offset >= 0) note(fd, offset, bytes, done);
    return done;
}

int ftruncate64(int fd, off_t length) {
    int done = real_ftruncate(fd, length);
    if (done == 0) note(fd, length, NULL, -1);
    return done;
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int fsync(int fd) { return synced(fd, real_fsync); }

int fdatasync(int fd) { return synced(fd, real_fdatasync); }

int unlink(const char *path) {
    int done = real_unlink(path);
    size_t prefix = strlen(from);
    if (done == 0 && strncmp(path, from, prefix) == 0) {
        char copy[2048];
        snprintf(copy, sizeof copy, "%s%s", to, path + prefix);
        int kept = errno;
        real_unlink(copy);
        errno = kept;
    }
    return done;
}
