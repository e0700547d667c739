"""What every check needs: the files of the tree, and one way to start and to report.

A check is an executable Python file in this folder; this one is not executable and so is none.
"""

import argparse
import dataclasses
import functools
import pathlib
import re
import sys

SKIPPED_AT_ROOT = {"build", "data", "data-kafka"}
SKIPPED_ANYWHERE = {".git", "__pycache__", "node_modules"}
CPP = {".cpp", ".hpp", ".h", ".cc", ".ipp", ".inc"}


@dataclasses.dataclass
class Findings:
    """What a check found wrong, and how much it looked at."""

    wrong: list[str] = dataclasses.field(default_factory=list)
    looked_at: str = ""

    def add(self, place, what, line=None):
        self.wrong.append(f"{place}:{line}: {what}" if line else f"{place}: {what}")


class Tree:
    """The files under a root that belong to the repository; paths are relative, with slashes."""

    def __init__(self, root):
        self.root = pathlib.Path(root).resolve()

    @functools.cached_property
    def files(self):
        return sorted(self._walk(self.root))

    def _walk(self, folder):
        for entry in folder.iterdir():
            if entry.is_symlink() or entry.name in SKIPPED_ANYWHERE:
                continue
            if entry.is_dir():
                if folder != self.root or entry.name not in SKIPPED_AT_ROOT:
                    yield from self._walk(entry)
            elif entry.name != ".git":
                yield entry.relative_to(self.root).as_posix()

    def cpp(self, *folders):
        """C++ sources and headers, all or those below the folders given."""
        return [
            file
            for file in self.files
            if pathlib.PurePosixPath(file).suffix in CPP
            and (not folders or any(file.startswith(folder + "/") for folder in folders))
        ]

    def path(self, file):
        return self.root / file

    def exists(self, file):
        return (self.root / file).is_file()

    def text(self, file):
        """The text of a file, or None for a binary one and for one that is not there."""
        if not self.exists(file):
            return None
        raw = (self.root / file).read_bytes()
        return None if b"\0" in raw else raw.decode("utf-8", "replace")

    def executable(self, file):
        return bool((self.root / file).stat().st_mode & 0o111)

    def interpreter(self, file):
        """"python", "shell" or "": by the first line, else by the name."""
        with (self.root / file).open("rb") as opened:
            first = opened.readline(200)
        if first.startswith(b"#!"):
            if b"python" in first:
                return "python"
            return "shell" if re.search(rb"\b(ba)?sh\b", first) else ""
        return {".py": "python", ".sh": "shell"}.get(pathlib.PurePosixPath(file).suffix, "")


_COMMENTS_AND_LITERALS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|'
    r"(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'",
    re.DOTALL,
)


def code_only(text):
    """C++ without comments and literals; the lines keep their numbers."""
    return _COMMENTS_AND_LITERALS.sub(lambda found: " " + "\n" * found[0].count("\n"), text)


def cmake_code(text):
    """CMake without comments."""
    return re.sub(r"#[^\n]*", "", text)


def main(description, check, fix=None):
    """Runs one check from the command line: findings on standard output, exit code 1 if any."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--root", default=pathlib.Path(__file__).resolve().parents[2],
                        help="the tree to check (default: this repository)")
    parser.add_argument("--fix", action="store_true",
                        help="repair what can be repaired" if fix else "nothing to repair here")
    arguments = parser.parse_args()
    tree = Tree(arguments.root)
    if arguments.fix and fix:
        fix(tree)
        tree = Tree(arguments.root)
    findings = Findings()
    check(tree, findings)
    for line in findings.wrong:
        print(line)
    if not findings.wrong:
        print(findings.looked_at)
    sys.exit(1 if findings.wrong else 0)
