#!/usr/bin/python3
"""Each check accepts a small good tree and refuses it once one thing in it is bad."""

import os
import subprocess

import facts

LAYERS = "core/base:\nschemas:\ncore/events: core/base schemas\ncore/ledger: core/base core/events\ntests: *\n"
GOOD = {
    ".clang-format": "BasedOnStyle: Google\n",
    "CMakeLists.txt": "".join(f"add_subdirectory({folder})\n" for folder in
                              ("core/base", "schemas", "core/events", "core/ledger", "tests")),
    "scripts/layers.txt": LAYERS,
    "core/base/money.hpp": "#pragma once\n\n#include <cstdint>\n",
    "core/base/time.cpp": "#include <chrono>\n",
    "core/base/assert.cpp": "#include <cstdio>\n",
    "core/events/chain.hpp": '#pragma once\n\n#include "core/base/money.hpp"\n',
    "core/ledger/CMakeLists.txt": "fanledger_library(fanledger_ledger SOURCES a.cpp LINKS fanledger_base)\n",
    "core/ledger/decide.cpp": '#include "core/events/chain.hpp"\n\nint timeout(int n) { return n; }\n',
    "tests/ledger/decide_test.cpp": '#include "core/ledger/decide.hpp"\n',
    "core/ledger/decide.hpp": "#pragma once\n",
    "scripts/greet*": '#!/bin/bash\nif [[ ${1:-} == --help ]]; then echo "usage: greet"; fi\n',
}

# check, what is put into the good tree (None takes away), what the refusal says
ROUTE = 'x.add({get, "/v1/me", http::Access::account, http::Body::none, "Me"}, me);\n'
CONTRACT = "paths:\n  /v1/me:\n    get:\n      x-access: account\n"

REFUSED = [
    ("openapi", {"api/routes/me.cpp": ROUTE}, "lacks get /v1/me"),
    ("openapi", {"api/routes/me.cpp": ROUTE,
                 "schemas/openapi.yaml": CONTRACT.replace("account", "anyone")},
     "x-access is anyone, the code says account"),
    ("openapi", {"api/routes/me.cpp": ROUTE,
                 "schemas/openapi.yaml": CONTRACT + "    put:\n      x-access: account\n"},
     "put /v1/me is not a route"),
    ("format", {"core/base/money.hpp": "#pragma once\nint  a ;\n"}, "core/base/money.hpp:2: not formatted"),
    ("layers", {"core/base/money.hpp": '#include "core/events/chain.hpp"\n'},
     "core/base/money.hpp:1: core/base may not include core/events/chain.hpp"),
    ("layers", {"core/base/money.hpp": "#include <core/events/chain.hpp>\n"}, "may not include"),
    ("layers", {"core/base/money.hpp": '#  include "tests/x.hpp"\n', "tests/x.hpp": ""}, "may not include"),
    ("layers", {"core/events/chain.hpp": '#include "schemas/ledger.pb.h"\n'}, "does not exist"),
    ("layers", {"core/events/chain.hpp": '#include "money.hpp"\n'}, "quotes are for paths from the root"),
    ("layers", {"core/events/chain.hpp": '#include "core/base/none.hpp"\n'}, "does not exist"),
    ("layers", {"media/probe.cpp": ""}, "no folder of this file has a line"),
    ("layers", {"scripts/layers.txt": LAYERS.replace("core/base:", "core/base: core/events")},
     "core/base may not use core/events, which is not above it"),
    ("layers", {"scripts/layers.txt": LAYERS + "core/base:\n"}, "core/base is listed twice"),
    ("layers", {"scripts/layers.txt": LAYERS + "nonsense\n"}, "expected 'folder: folders'"),
    ("layers", {"scripts/layers.txt": None}, "is missing"),
    ("layers", {"CMakeLists.txt": "add_subdirectory(core/events)\nadd_subdirectory(core/base)\n"},
     "not in the order"),
    ("layers", {"CMakeLists.txt": GOOD["CMakeLists.txt"] + "add_subdirectory(media)\n"},
     "media has no line"),
    ("layers", {"CMakeLists.txt": "add_subdirectory(core/base)\n"}, "core/ledger is listed"),
    ("purity", {"core/ledger/decide.cpp": "#include <iostream>\n"}, "includes <iostream>: I/O"),
    ("purity", {"core/ledger/decide.cpp": "#include <chrono>\n"}, "includes <chrono>: a clock"),
    ("purity", {"core/ledger/decide.cpp": "#include <random>\n"}, "includes <random>: randomness"),
    ("purity", {"core/ledger/decide.cpp": "#include <mutex>\n"}, "includes <mutex>: threads"),
    ("purity", {"core/ledger/decide.cpp": "#include <spdlog/spdlog.h>\n"}, "logging"),
    ("purity", {"core/ledger/decide.cpp": "#include <boost/asio/post.hpp>\n"}, "I/O"),
    ("purity", {"core/ledger/decide.cpp": "#include <cstdio>\n"}, "includes <cstdio>"),
    ("purity", {"core/base/time.cpp": "auto t = std::chrono::system_clock::now();\n"}, "'::now': a clock"),
    ("purity", {"core/activity/fold.cpp": "auto t = std::time(nullptr);\n"}, "a clock"),
    ("purity", {"core/activity/fold.cpp": "auto t = time(nullptr);\n"}, "a clock"),
    ("purity", {"core/ledger/decide.hpp": "double price;\n"}, "decide.hpp:1: a pure folder uses 'double'"),
    ("purity", {"core/ledger/decide.hpp": "int a = rand();\n"}, "randomness"),
    ("purity", {"core/ledger/decide.hpp": 'auto a = std::getenv("A");\n'}, "the surroundings"),
    ("purity", {"core/ledger/CMakeLists.txt": "fanledger_library(l SOURCES a.cpp LINKS fmt::fmt spdlog::spdlog)\n"},
     "links spdlog::spdlog"),
    ("purity", {"core/ledger/CMakeLists.txt": "target_link_libraries(l PRIVATE PkgConfig::ROCKSDB)\n"},
     "links PkgConfig::ROCKSDB"),
    ("lengths", {"core/base/long.cpp": "\n" * 401}, "401 lines, more than 400"),
    ("lengths", {"scripts/long*": "#!/bin/bash\n" + "\n" * 400}, "401 lines"),
    ("names", {"core/base/utils.hpp": ""}, "core/base/utils.hpp"),
    ("names", {"api/session_manager.cpp": ""}, "api/session_manager.cpp"),
    ("names", {"core/common/a.hpp": ""}, "core/common:"),
    ("names", {"core/base/types.h": ""}, "core/base/types.h"),
    ("words", {"README.md": "TO" "DO later\n"}, "README.md:1: TO" "DO: unfinished work"),
    ("words", {"README.md": "\nsee (FIX" "ME)\n"}, "README.md:2"),
    ("words", {"a.txt": "in /ho" "me/me/x\n"}, "a path of one machine"),
    ("words", {"a.txt": "in \"/wo" "rk/x\"\n"}, "a path of one machine"),
    ("words", {"a.txt": "https://registry.npmjs" ".org/x\n"}, "package registry"),
    ("scripts", {"scripts/greet*": "#!/bin/bash\n# --help\nif then\n"}, "does not parse"),
    ("scripts", {"scripts/greet.py": "def\n"}, "does not compile"),
    ("scripts", {"scripts/greet*": "#!/bin/bash\ntouch started\n"}, "knows no --help"),
    ("scripts", {".ci/go*": "#!/bin/bash\n# --help\nexit 3\n"}, "--help ended with 3"),
]

# What looks bad and is not.
ACCEPTED = [
    ("format", {}),
    ("layers", {"core/events/chain.hpp": '#include "schemas/l.pb.h"\n', "schemas/l.proto": ""}),
    ("layers", {"core/events/chain.hpp": "#include <rocksdb/db.h>\n"}),
    ("purity", {"core/ledger/decide.hpp": '// a double\nconst char* a = "float";\n/* rand() */\n'}),
    ("purity", {"core/ledger/decide.hpp": "int a = 1'000'000; int b = at.time(0); int c = lead_time(0);\n"}),
    ("purity", {"api/server.cpp": "#include <iostream>\ndouble load;\n"}),
    ("lengths", {"core/base/long.cpp": "\n" * 400, "web/words.txt": "\n" * 1000}),
    ("names", {"core/base/common_passwords.hpp": ""}),
    ("words", {"a.bin": b"\0TO" b"DO", "b.txt": "mastodon, xxx, https://example.org/ho" "me/a"}),
    ("scripts", {"tests/a.py": "print(1)\n"}),
]


def run_check(check, changes):
    files = {name: text for name, text in {**GOOD, **changes}.items() if text is not None}
    with facts.tree(files) as root:
        done = facts.run(facts.ROOT / f"scripts/checks/{check}.py", "--root", root)
        assert not (root / "started").exists(), "a script without --help was started"
        return done


def refuses(check, changes, expected):
    def test():
        done = run_check(check, changes)
        assert done.returncode == 1, f"exit code {done.returncode}: {done.stdout}"
        assert expected in done.stdout, f"{expected!r} is not in: {done.stdout}"
    return test


def accepts(check, changes):
    def test():
        done = run_check(check, changes)
        assert done.returncode == 0, done.stdout
    return test


for number, (check, changes, expected) in enumerate(REFUSED, 1):
    facts.fact(f"{number}. {check} refuses: {expected}")(refuses(check, changes, expected))
for check in sorted({row[0] for row in REFUSED}):
    facts.fact(f"{check} accepts the good tree")(accepts(check, {}))
for number, (check, changes) in enumerate(ACCEPTED, 1):
    facts.fact(f"{number}. {check} accepts what only looks bad: {' '.join(changes)}")(accepts(check, changes))


@facts.fact("format repairs a file with --fix")
def _():
    with facts.tree({**GOOD, "core/base/money.hpp": "#pragma once\nint  a ;\n"}) as root:
        done = facts.run(facts.ROOT / "scripts/checks/format.py", "--root", root, "--fix")
        assert done.returncode == 0, done.stdout
        assert (root / "core/base/money.hpp").read_text() == "#pragma once\nint a;\n"


def archive(root, source):
    """A static library of the ledger with one object, where the release build puts it."""
    folder = root / "build/release/core/ledger"
    folder.mkdir(parents=True)
    (folder / "decide.cpp").write_text(source)
    subprocess.run(["g++", "-std=c++20", "-O1", "-c", "decide.cpp", "-o", "decide.cpp.o"], cwd=folder, check=True)
    subprocess.run(["ar", "rc", "libfanledger_ledger.a", "decide.cpp.o"], cwd=folder, check=True)


for source, expected in (
        ("#include <chrono>\nlong f() { return std::chrono::system_clock::now().time_since_epoch().count(); }",
         "a clock"),
        ("#include <time.h>\nlong f() { return time(nullptr); }", "calls time: a clock"),
        ("#include <stdio.h>\nvoid f(const char* a) { FILE* x = fopen(a, a); fprintf(x, a, 1); }", "calls fopen: I/O"),
        ("#include <fstream>\nvoid f(const char* a) { std::ofstream x(a); x << 1; }", "I/O"),
        ("#include <unistd.h>\n#include <fcntl.h>\nlong f(const char* a) { return read(open(a, 0), 0, 0); }", "I/O"),
        ("#include <random>\nunsigned f() { std::random_device r; return r(); }", "randomness"),
        ("#include <thread>\nvoid f() { std::thread([] {}).join(); }", "threads"),
        ("#include <stdlib.h>\nconst char* f() { return getenv(\"A\"); }", "the surroundings")):
    def refuses_symbols(source=source, expected=expected):
        with facts.tree({}) as root:
            archive(root, source)
            done = facts.run(facts.ROOT / "scripts/checks/pure_symbols.py", "--root", root)
            assert done.returncode == 1 and expected in done.stdout, done.stdout
    facts.fact(f"pure_symbols refuses a library with: {source.splitlines()[1]}")(refuses_symbols)


@facts.fact("pure_symbols accepts a library that only counts")
def _():
    with facts.tree({}) as root:
        archive(root, "#include <string>\n#include <vector>\nstd::string f(int n) { return std::to_string(n) + 'a'; }")
        done = facts.run(facts.ROOT / "scripts/checks/pure_symbols.py", "--root", root)
        assert done.returncode == 0 and "1 libraries" in done.stdout, done.stdout


@facts.fact("scripts/check runs every check and fails if one does")
def _():
    with facts.tree(GOOD) as root:
        done = facts.run(facts.ROOT / "scripts/check", "--root", root)
        checks = sum(1 for file in (facts.ROOT / "scripts/checks").glob("*.py") if os.access(file, os.X_OK))
        assert done.returncode == 0 and done.stdout.endswith(f"{checks} passed, 0 failed\n"), done.stdout
        (root / "core/base/utils.hpp").write_text("")
        done = facts.run(facts.ROOT / "scripts/check", "--root", root)
        assert done.returncode == 1 and done.stdout.endswith(f"{checks - 1} passed, 1 failed\n"), done.stdout


if __name__ == "__main__":
    facts.main(__doc__)
