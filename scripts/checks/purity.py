#!/usr/bin/python3
"""The pure folders use no I/O, clock, randomness, thread or floating point, and link nothing that is one."""

import re

import tree

PURE = ("core/base", "core/events", "core/ledger", "core/activity")

# What may be included although it is refused to the others, and why.
ALLOWED = {
    # A failed assertion says where before it aborts.
    ("core/base/assert.cpp", "cstdio"),
    # Calendars, not clocks: "::now" stays refused.
    ("core/base/time.cpp", "chrono"),
}

HEADERS = {
    "I/O": r"iostream|fstream|istream|ostream|sstream|syncstream|iomanip|filesystem|cstdio|stdio\.h"
           r"|unistd\.h|fcntl\.h|poll\.h|dirent\.h|sys/.*|netinet/.*|netdb\.h|arpa/.*|net/.*|linux/.*"
           r"|fmt/(os|ostream|std|color)\.h|openssl/(bio|ssl|pem)\.h|curl/.*|rocksdb/.*|librdkafka/.*"
           r"|cpprest/.*|boost/(asio|beast|process|filesystem|iostreams)\b.*|magic\.h|seccomp\.h"
           r"|google/protobuf/(io/zero_copy_stream_impl\.h|util/.*)",
    "a clock": r"chrono|ctime|time\.h|fmt/chrono\.h|boost/(date_time|chrono)\b.*",
    "randomness": r"random|openssl/rand\.h|sodium/randombytes\.h|boost/(random|uuid)\b.*",
    "threads": r"thread|mutex|shared_mutex|condition_variable|future|stop_token|semaphore|latch"
               r"|barrier|pthread\.h|threads\.h|boost/(thread|coroutine2?|fiber)\b.*",
    "logging": r"spdlog/.*|syslog\.h|boost/log\b.*",
    "the surroundings": r"csignal|signal\.h|clocale|locale|dlfcn\.h",
}

WORDS = {
    "floating point": r"\b(?:float|double|float_t|double_t|strto[df]|sto[df]|atof)\b",
    "a clock": r"::now\b|\b(?:clock_gettime|gettimeofday|timespec_get|localtime|gmtime)\s*\("
               r"|(?:\bstd::|(?<![\w.>:]))(?:time|clock)\s*\(\s*(?:nullptr|NULL|0|&\w+)?\s*\)\s*[;,)+\-*/]",
    "randomness": r"\b(?:std::rand|srand|rand_r|getrandom|arc4random\w*|RAND_\w+|randombytes\w*"
                  r"|random_device)\b|(?<![\w.>:])rand\s*\(\s*\)",
    "I/O": r"\b(?:std::)?(?:cout|cerr|clog|cin)\b|\b(?:fopen|printf|fwrite|fputs|puts|fprintf)\s*\("
           r"|\bfmt::print\b",
    "threads": r"\bthread_local\b|\bstd::(?:thread|jthread|mutex|async)\b",
    "the surroundings": r"\b(?:secure_)?getenv\b|\bsetlocale\b|\bstd::system\b",
}
WORDS_ALLOWED = {
    ("core/base/assert.cpp", "I/O"),
    # A hash context a thread, to be used again: invisible to the caller.
    ("core/base/sha256.cpp", "threads"),
}

# What a pure folder's CMakeLists.txt may link: parsers, hashes and formats; nothing that waits.
LINKS = re.compile(
    r"fanledger_(?:base|schemas|events|ledger|activity|flags)$|OpenSSL::Crypto$|tl::expected$"
    r"|fmt::fmt$|protobuf::libprotobuf(?:-lite)?$|protozero|nlohmann_json::nlohmann_json$"
    r"|PkgConfig::SODIUM$")


def check_includes(file, text, findings):
    for found in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*["<]([^">]+)[">]', text, re.MULTILINE):
        for what, pattern in HEADERS.items():
            if re.fullmatch(pattern, found[1]) and (file, found[1]) not in ALLOWED:
                line = text.count("\n", 0, found.start()) + 1
                findings.add(file, f"a pure folder includes <{found[1]}>: {what}", line)


def check_words(file, text, findings):
    for number, line in enumerate(tree.code_only(text).splitlines(), 1):
        for what, pattern in WORDS.items():
            found = re.search(pattern, line)
            if found and (file, what) not in WORDS_ALLOWED:
                findings.add(file, f"a pure folder uses {found[0].strip()!r}: {what}", number)


def check_links(source, folder, findings):
    """Every target that a pure folder defines links only what LINKS names."""
    lists = [file for file in source.files
             if file.startswith(folder + "/") and file.endswith("CMakeLists.txt")]
    for file in lists:
        code = tree.cmake_code(source.text(file) or "")
        linked = re.findall(r"fanledger_library\([^)]*?\bLINKS\b([^)]*)\)", code)
        linked += re.findall(r"target_link_libraries\(\s*\S+([^)]*)\)", code)
        for name in " ".join(linked).split():
            if name not in ("PUBLIC", "PRIVATE", "INTERFACE") and not LINKS.match(name):
                findings.add(file, f"a pure folder links {name}, which is not on the list in "
                                   "scripts/checks/purity.py")


def check(source, findings):
    files = source.cpp(*PURE)
    findings.looked_at = f"{len(files)} files of {', '.join(PURE)}"
    for file in files:
        text = source.text(file) or ""
        check_includes(file, text, findings)
        check_words(file, text, findings)
    for folder in PURE:
        check_links(source, folder, findings)


if __name__ == "__main__":
    tree.main(__doc__, check)
