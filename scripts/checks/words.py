#!/usr/bin/python3
"""No unfinished work, machine path or package registry is named in the tree."""

import re

import tree

# Written in pieces, so that this file may be checked too.
UNFINISHED = re.compile(r"\b(?:" + "|".join(("TO" "DO", "FIX" "ME", "X" "XX", "HA" "CK")) + r")\b")
MACHINE_PATH = re.compile(r"(?<![\w.~*}-])/(?:" + "|".join(("wo" "rk", "ro" "ot", "ho" "me")) + r")/")
REGISTRY = re.compile("|".join(re.escape(name) for name in (
    "pypi" ".org", "pythonhosted" ".org", "crates" ".io", "registry.npmjs" ".org", "repo." "maven",
    "repo1." "maven", "deb.debian" ".org", "proxy.golang" ".org", "rubygems" ".org")))

KINDS = ((UNFINISHED, "unfinished work: do it, or write down why not"),
         (MACHINE_PATH, "a path of one machine"),
         (REGISTRY, "the host name of a package registry"))


def check(source, findings):
    texts = 0
    for file in source.files:
        text = source.text(file)
        if text is None:
            continue
        texts += 1
        for pattern, what in KINDS:
            for found in pattern.finditer(text):
                line = text.count("\n", 0, found.start()) + 1
                findings.add(file, f"{found[0]}: {what}", line)
    findings.looked_at = f"{texts} text files"


if __name__ == "__main__":
    tree.main(__doc__, check)
