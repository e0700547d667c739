#!/usr/bin/python3
"""No file or folder is called utils, common, helpers, manager or types: names are the field's."""

import re

import tree

# The last word of a name says what the thing is: "common_passwords" is a fine name, "text_utils" not.
LAST_WORD = {"util", "utils", "utility", "utilities", "common", "helper", "helpers", "manager",
             "managers", "misc", "stuff"}
WHOLE_NAME = {"types"}


def check(source, findings):
    seen = set()
    for file in source.files:
        parts = file.split("/")
        for depth, part in enumerate(parts, 1):
            path = "/".join(parts[:depth])
            if path in seen:
                continue
            seen.add(path)
            stem = part.split(".")[0].lower() if not part.startswith(".") else part[1:]
            is_file = depth == len(parts)
            if re.split(r"[_-]", stem)[-1] in LAST_WORD or (is_file and stem in WHOLE_NAME):
                findings.add(path, "says nothing of what it holds: name the concept")
    findings.looked_at = f"{len(seen)} names"


if __name__ == "__main__":
    tree.main(__doc__, check)
