#!/usr/bin/python3
"""A number of a .proto field is never used again: schemas/numbers.txt remembers them all."""

import shutil

import descriptors
import tree

RECORD = "schemas/numbers.txt"
HEADER = """\
# Every field number that was ever given, so that none is given twice. Lines are only added
# (scripts/check --fix adds those of new fields), never changed and never taken away.
#   message number name type      a field, or a value of an enum
#   retired message               the whole message or enum is gone, and its name with it
"""


def read_record(source, findings):
    """(message → number → (name, type)), retired names."""
    known, retired = {}, set()
    for number, line in enumerate((source.text(RECORD) or "").splitlines(), 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        if len(words) == 2 and words[0] == "retired":
            retired.add(words[1])
        elif len(words) >= 4 and words[1].lstrip("-").isdigit():
            name, type_ = words[2], " ".join(words[3:])
            if known.setdefault(words[0], {}).setdefault(int(words[1]), (name, type_)) != (name, type_):
                findings.add(RECORD, f"{words[0]} {words[1]} is recorded twice", number)
        else:
            findings.add(RECORD, "expected 'message number name type' or 'retired message'", number)
    return known, retired


def read_shapes(source, findings):
    files = [file for file in source.files if file.startswith("schemas/") and file.endswith(".proto")]
    if not files:
        return []
    if not shutil.which("protoc"):
        findings.add("protoc", "not installed: run scripts/packages")
        return []
    try:
        return descriptors.read(source.root, files)
    except RuntimeError as error:
        findings.add("protoc", str(error))
        return []


def unrecorded(shapes, known):
    """Lines for the fields that the record does not hold yet."""
    for shape in shapes:
        if shape.is_map:
            continue
        for member in sorted(shape.members, key=lambda member: member.number):
            if member.number not in known.get(shape.name, {}):
                yield f"{shape.name} {member.number} {member.name} {member.type}"


def fix(source):
    ignored = tree.Findings()
    known, _ = read_record(source, ignored)
    new = list(unrecorded(read_shapes(source, ignored), known))
    if new:
        text = source.text(RECORD) or HEADER
        source.path(RECORD).write_text(text + "".join(line + "\n" for line in new))


def check_kept(shapes, known, retired, findings):
    """What is recorded is still so, or reserved, or retired."""
    by_name = {shape.name: shape for shape in shapes}
    for name, numbers in known.items():
        shape = by_name.get(name)
        if shape is None:
            if name not in retired:
                findings.add(RECORD, f"{name} is gone: bring it back, or add 'retired {name}'")
            continue
        if name in retired:
            findings.add(shape.file, f"{name} is retired and may not come back")
        members = {member.number: member for member in shape.members}
        for number, (was_name, was_type) in numbers.items():
            now = members.get(number)
            if now is None:
                if not any(first <= number <= last for first, last in shape.reserved):
                    findings.add(shape.file, f"{name}: {was_name} = {number} is gone and not reserved")
            elif (now.name, now.type) != (was_name, was_type):
                findings.add(shape.file, f"{name}: number {number} was '{was_type} {was_name}' and is "
                                         f"now '{now.type} {now.name}': give a new number")


def check_types(shapes, findings):
    """Bytes must not depend on an order, a rounding or a type known elsewhere."""
    for shape in shapes:
        if shape.is_map:
            findings.add(shape.file, f"{shape.name.rpartition('.')[0]} has a map: its bytes have no order")
        for member in shape.members:
            plain = member.type.removeprefix("repeated ")
            if plain in ("float", "double"):
                findings.add(shape.file, f"{shape.name}.{member.name} is floating point")
            elif plain == "google.protobuf.Any":
                findings.add(shape.file, f"{shape.name}.{member.name} is Any: name the type")


def check(source, findings):
    known, retired = read_record(source, findings)
    shapes = read_shapes(source, findings)
    if findings.wrong:
        return
    check_kept(shapes, known, retired, findings)
    check_types(shapes, findings)
    new = list(unrecorded(shapes, known))
    if new:
        findings.add(RECORD, f"lacks '{new[0]}' and {len(new) - 1} more: run scripts/check --fix")
    findings.looked_at = f"{sum(len(shape.members) for shape in shapes)} fields and values"


if __name__ == "__main__":
    tree.main(__doc__, check, fix)
