/* Failing storage for a black-box test: preload this library into any program, and its writes to
 * one place begin to fail.
 *
 *   LD_PRELOAD=libfaulty_io.so FAULTY_IO_PREFIX=/data/log FAULTY_IO_CALLS=fsync,fdatasync \
 *     FAULTY_IO_FROM=10 FAULTY_IO_ERROR=EIO program …
 *
 * Settings, as environment variables, or as lines `name=value` (lower case, without FAULTY_IO_) of
 * the file that FAULTY_IO_CONTROL names:
 *
 *   PREFIX   only files whose absolute path begins so; nothing fails without it
 *   SUFFIX   … and ends so (".log" hits RocksDB's write-ahead log alone); default: any
 *   CALLS    the calls that fail, by comma, of: write pwrite fsync fdatasync sync_file_range rename
 *            open truncate (truncate: ftruncate and fallocate; open: only for writing; write also
 *            stands for writev); default: all of them
 *   FROM     the first matching call that fails, counted from 1 over all of CALLS together;
 *            default 1
 *   COUNT    how many calls fail from there on; default 0: all
 *   ERROR    EIO (default), ENOSPC, or KILL: the process kills itself in place of the call
 *   SHORT    1: the first failing write or pwrite writes half of its bytes before the error
 *
 * The control file is read again whenever it changes (replace it by rename, to change it whole); it
 * then stands in place of the environment, and counting starts anew. So a running server can be
 * hit, and relieved, at will. Matching is by what /proc/self/fd says of a descriptor, so files that
 * were opened before the library could see it count too. Thread-safe. Not for static programs, nor
 * for writes by io_uring or to mapped memory. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#undef open
#undef open64
#undef openat
#undef openat64
#undef pwrite
#undef pwrite64
#undef ftruncate
#undef ftruncate64
#undef fallocate
#undef fallocate64

#define PATH_BYTES 4096

struct settings {
  char prefix[PATH_BYTES];
  char suffix[64];
  char calls[256];
  long from;
  long count;
  int error;
  int kill;
  int shorten;
};

enum verdict { PASS, FAIL, HALVE };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct settings current;
static long seen;
static int loaded;
static struct timespec control_time;
static ino_t control_inode;

static void set(struct settings* out, const char* name, const char* value) {
  if (strcmp(name, "prefix") == 0) {
    snprintf(out->prefix, sizeof out->prefix, "%s", value);
  } else if (strcmp(name, "suffix") == 0) {
    snprintf(out->suffix, sizeof out->suffix, "%s", value);
  } else if (strcmp(name, "calls") == 0) {
    snprintf(out->calls, sizeof out->calls, ",%s,", value);
  } else if (strcmp(name, "from") == 0) {
    out->from = atol(value);
  } else if (strcmp(name, "count") == 0) {
    out->count = atol(value);
  } else if (strcmp(name, "short") == 0) {
    out->shorten = atoi(value);
  } else if (strcmp(name, "error") == 0) {
    out->error = strcmp(value, "ENOSPC") == 0 ? ENOSPC : EIO;
    out->kill = strcmp(value, "KILL") == 0;
  }
}

static void defaults(struct settings* out) {
  memset(out, 0, sizeof *out);
  out->from = 1;
  out->error = EIO;
}

static void load_environment(void) {
  static const char* const names[] = {"prefix", "suffix", "calls", "from",
                                      "count",  "error",  "short"};
  defaults(&current);
  for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i) {
    char variable[32] = "FAULTY_IO_";
    size_t at = strlen(variable);
    for (const char* c = names[i]; *c; ++c) variable[at++] = (char)(*c - 'a' + 'A');
    const char* value = getenv(variable);
    if (value) set(&current, names[i], value);
  }
}

static void load_control(void) {
  const char* path = getenv("FAULTY_IO_CONTROL");
  struct stat info;
  if (!path || stat(path, &info) != 0) return;
  if (info.st_ino == control_inode && info.st_mtim.tv_sec == control_time.tv_sec &&
      info.st_mtim.tv_nsec == control_time.tv_nsec)
    return;
  FILE* file = fopen(path, "re");
  if (!file) return;
  control_inode = info.st_ino;
  control_time = info.st_mtim;
  defaults(&current);
  seen = 0;
  char line[PATH_BYTES + 64];
  while (fgets(line, sizeof line, file)) {
    line[strcspn(line, "\n")] = 0;
    char* equals = strchr(line, '=');
    if (!equals) continue;
    *equals = 0;
    set(&current, line, equals + 1);
  }
  fclose(file);
}

static int matches(const char* call, const char* path) {
  const size_t length = strlen(path), suffix = strlen(current.suffix);
  if (!current.prefix[0] || strncmp(path, current.prefix, strlen(current.prefix)) != 0) return 0;
  if (length < suffix || strcmp(path + length - suffix, current.suffix) != 0) return 0;
  if (!current.calls[0]) return 1;
  char word[32];
  snprintf(word, sizeof word, ",%s,", call);
  return strstr(current.calls, word) != NULL;
}

static enum verdict judge_path(const char* call, const char* path) {
  static __thread int inside; /* reading the control file must not be judged */
  if (inside) return PASS;
  inside = 1;
  pthread_mutex_lock(&mutex);
  if (!loaded) {
    load_environment();
    loaded = 1;
  }
  load_control();
  enum verdict verdict = PASS;
  if (matches(call, path)) {
    ++seen;
    if (seen >= current.from && (current.count == 0 || seen < current.from + current.count)) {
      if (current.kill) raise(SIGKILL);
      verdict = current.shorten && seen == current.from ? HALVE : FAIL;
      errno = current.error;
    }
  }
  const int error = errno;
  pthread_mutex_unlock(&mutex);
  inside = 0;
  errno = error;
  return verdict;
}

static enum verdict judge_fd(const char* call, int fd) {
  char link[64], path[PATH_BYTES];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  if (size < 0) return PASS;
  path[size] = 0;
  return judge_path(call, path);
}

static enum verdict judge_name(const char* call, const char* name) {
  if (name[0] == '/') return judge_path(call, name);
  char path[2 * PATH_BYTES];
  if (!getcwd(path, PATH_BYTES)) return PASS;
  const size_t at = strlen(path);
  snprintf(path + at, sizeof path - at, "/%s", name);
  return judge_path(call, path);
}

/* The function behind ours, of our own type. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void* bytes, size_t size) {
  const enum verdict verdict = judge_fd("write", fd);
  if (verdict == FAIL) return -1;
  return REAL(write)(fd, bytes, verdict == HALVE ? size / 2 : size);
}

ssize_t writev(int fd, const struct iovec* parts, int count) {
  return judge_fd("write", fd) == PASS ? REAL(writev)(fd, parts, count) : -1;
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  const enum verdict verdict = judge_fd("pwrite", fd);
  if (verdict == FAIL) return -1;
  return REAL(pwrite)(fd, bytes, verdict == HALVE ? size / 2 : size, at);
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  const enum verdict verdict = judge_fd("pwrite", fd);
  if (verdict == FAIL) return -1;
  return REAL(pwrite64)(fd, bytes, verdict == HALVE ? size / 2 : size, at);
}

int fsync(int fd) {
  return judge_fd("fsync", fd) == PASS ? REAL(fsync)(fd) : -1;
}

int fdatasync(int fd) {
  return judge_fd("fdatasync", fd) == PASS ? REAL(fdatasync)(fd) : -1;
}

int sync_file_range(int fd, off64_t at, off64_t size, unsigned flags) {
  return judge_fd("sync_file_range", fd) == PASS ? REAL(sync_file_range)(fd, at, size, flags) : -1;
}

int ftruncate(int fd, off_t size) {
  return judge_fd("truncate", fd) == PASS ? REAL(ftruncate)(fd, size) : -1;
}

int ftruncate64(int fd, off64_t size) {
  return judge_fd("truncate", fd) == PASS ? REAL(ftruncate64)(fd, size) : -1;
}

int fallocate(int fd, int mode, off_t at, off_t size) {
  return judge_fd("truncate", fd) == PASS ? REAL(fallocate)(fd, mode, at, size) : -1;
}

int fallocate64(int fd, int mode, off64_t at, off64_t size) {
  return judge_fd("truncate", fd) == PASS ? REAL(fallocate64)(fd, mode, at, size) : -1;
}

int rename(const char* from, const char* to) {
  return judge_name("rename", to) == PASS ? REAL(rename)(from, to) : -1;
}

static int is_refused(const char* path, int flags) {
  return (flags & O_ACCMODE) != O_RDONLY && judge_name("open", path) != PASS;
}

#define OPEN(name)                                                       \
  int name(const char* path, int flags, ...) {                           \
    va_list arguments;                                                   \
    va_start(arguments, flags);                                          \
    const mode_t mode = va_arg(arguments, mode_t);                       \
    va_end(arguments);                                                   \
    return is_refused(path, flags) ? -1 : REAL(name)(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                \
  int name(int directory, const char* path, int flags, ...) {                       \
    va_list arguments;                                                              \
    va_start(arguments, flags);                                                     \
    const mode_t mode = va_arg(arguments, mode_t);                                  \
    va_end(arguments);                                                              \
    return is_refused(path, flags) ? -1 : REAL(name)(directory, path, flags, mode); \
  }
OPENAT(openat)
OPENAT(openat64)
