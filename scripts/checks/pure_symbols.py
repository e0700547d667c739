#!/usr/bin/python3
"""The compiled pure libraries call no function of I/O, clocks, randomness or threads (nm)."""

import re
import shutil
import subprocess

import tree

LIBRARIES = {
    "core/base": "libfanledger_base.a",
    "core/events": "libfanledger_events.a",
    "core/ledger": "libfanledger_ledger.a",
    "core/activity": "libfanledger_activity.a",
}

C_NAMES = {
    "I/O": "open openat creat read pread readv write pwrite writev close fsync fdatasync ioctl fcntl"
           " mmap munmap poll select epoll_wait fopen fdopen freopen fclose fread fwrite fgets fgetc"
           " getc getline fputs fputc putc puts putchar perror printf fprintf vprintf vfprintf"
           " dprintf vdprintf scanf fscanf fflush stdin stdout stderr socket connect bind listen"
           " accept send sendto sendmsg recv recvfrom recvmsg getaddrinfo gethostbyname pipe dup"
           " dup2 stat fstat lstat unlink rename mkdir rmdir opendir readdir syslog BIO_new_file"
           " BIO_new_fp BIO_write BIO_read",
    "a clock": "clock_gettime gettimeofday time ftime clock timespec_get times localtime"
               " localtime_r gmtime gmtime_r mktime strftime nanosleep usleep sleep",
    "randomness": "rand rand_r srand random srandom drand48 lrand48 mrand48 getrandom getentropy"
                  " arc4random arc4random_buf arc4random_uniform RAND_bytes RAND_bytes_ex"
                  " RAND_priv_bytes randombytes randombytes_buf randombytes_random"
                  " randombytes_uniform crypto_secretbox_keygen",
    "threads": "pthread_create pthread_join pthread_mutex_lock pthread_rwlock_wrlock"
               " pthread_rwlock_rdlock pthread_cond_wait pthread_cond_timedwait fork vfork execve"
               " execv execvp posix_spawn posix_spawnp system popen",
    "the surroundings": "getenv secure_getenv setenv setlocale localeconv dlopen dlsym signal"
                        " sigaction getpid gethostname uname sysconf",
}
CPP_NAMES = {
    "I/O": r"std::(basic_)?[io]?f(ile)?(stream|buf)\b|std::basic_filebuf|std::filesystem::"
           r"|std::(cout|cerr|clog|cin|wcout|wcerr)\b|fmt::v\d+::(detail::)?v?print",
    "a clock": r"std::chrono::.*::now\b",
    "randomness": r"std::random_device",
    "threads": r"std::(thread|jthread|condition_variable|this_thread|__future_base|mutex)\b",
    "logging": r"\bspdlog::",
}
# A failed assertion says where before it aborts.
ALLOWED = {("assert.cpp.o", name) for name in ("fprintf", "stderr", "fwrite", "fputs", "fflush")}


def kind_of(symbol):
    """What an undefined symbol would bring in, or None. Fortified and 64-bit twins count as well."""
    plain = symbol.split("@")[0]
    twins = {plain, plain.removesuffix("64"), plain.removeprefix("__").removesuffix("_chk"),
             plain.removeprefix("__")}
    for kind, names in C_NAMES.items():
        if twins & set(names.split()):
            return kind
    for kind, pattern in CPP_NAMES.items():
        if re.search(pattern, plain):
            return kind
    return None


def undefined_symbols(path):
    """(object, symbol) of a static library."""
    done = subprocess.run(["nm", "--undefined-only", "--demangle", "--print-file-name", str(path)],
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    for line in done.stdout.splitlines():
        place, separator, symbol = line.partition(" U ")
        if not separator:
            place, separator, symbol = line.partition(" w ")
        if separator:
            yield place.strip().rstrip(":").rsplit(":", 1)[-1], symbol.strip()


def check(source, findings):
    build = source.root / "build/release"
    found = [(folder, name) for folder, name in LIBRARIES.items()
             if (build / folder / name).is_file()]
    if not found:
        findings.looked_at = "not built: nothing to look at"
        return
    if not shutil.which("nm"):
        findings.add("nm", "not installed: run scripts/packages")
        return
    symbols = 0
    for folder, name in found:
        try:
            for unit, symbol in undefined_symbols(build / folder / name):
                symbols += 1
                kind = kind_of(symbol)
                if kind and not (folder == "core/base" and (unit, symbol) in ALLOWED):
                    findings.add(f"{folder}/{name}", f"{unit} calls {symbol}: {kind}")
        except RuntimeError as error:
            findings.add(f"{folder}/{name}", f"nm could not read it: {error}")
    findings.looked_at = f"{symbols} undefined symbols of {len(found)} libraries"


if __name__ == "__main__":
    tree.main(__doc__, check)
