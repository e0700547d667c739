"""Reads what protoc says of .proto files: a FileDescriptorSet, decoded by hand in a few lines.

The decoder knows the wire format and the field numbers of google/protobuf/descriptor.proto that
the law of the numbers needs, so that a check needs nothing but protoc and Python.
"""

import dataclasses
import subprocess
import tempfile

TYPES = {1: "double", 2: "float", 3: "int64", 4: "uint64", 5: "int32", 6: "fixed64", 7: "fixed32",
         8: "bool", 9: "string", 10: "group", 11: "message", 12: "bytes", 13: "uint32", 14: "enum",
         15: "sfixed32", 16: "sfixed64", 17: "sint32", 18: "sint64"}
REPEATED = 3


@dataclasses.dataclass
class Member:
    """A field of a message or a value of an enum."""

    number: int
    name: str
    type: str  # "int64", "repeated fl.events.Posting", or "value" for a value of an enum


@dataclasses.dataclass
class Shape:
    """A message or an enum with its full name."""

    name: str
    file: str
    members: list[Member]
    reserved: list[tuple[int, int]]  # both ends included
    is_map: bool = False


def _varint(raw, at):
    value = shift = 0
    while True:
        byte = raw[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _fields(raw):
    """field number → values in order; lengths give bytes, the rest integers."""
    found, at = {}, 0
    while at < len(raw):
        key, at = _varint(raw, at)
        wire = key & 7
        if wire == 0:
            value, at = _varint(raw, at)
        elif wire == 2:
            size, at = _varint(raw, at)
            value, at = raw[at:at + size], at + size
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
            value, at = int.from_bytes(raw[at:at + size], "little"), at + size
        else:
            raise ValueError(f"wire type {wire} in a descriptor")
        found.setdefault(key >> 3, []).append(value)
    return found


def _text(fields, number):
    return fields[number][0].decode() if number in fields else ""


def _signed(fields, number):
    value = fields.get(number, [0])[0]
    return value - (1 << 64) if value >> 63 else value


def _enum(raw, file, package):
    fields = _fields(raw)
    values = [_fields(value) for value in fields.get(2, [])]
    ranges = [_fields(reserved) for reserved in fields.get(4, [])]
    return Shape(f"{package}.{_text(fields, 1)}", file,
                 [Member(_signed(value, 2), _text(value, 1), "value") for value in values],
                 [(_signed(one, 1), _signed(one, 2)) for one in ranges])


def _member(raw):
    field = _fields(raw)
    kind = TYPES[field[5][0]]
    if kind in ("message", "enum", "group"):
        kind = _text(field, 6).lstrip(".")
    if field.get(4, [0])[0] == REPEATED:
        kind = "repeated " + kind
    return Member(field[3][0], _text(field, 1), kind)


def _message(raw, file, package):
    """The message and all that is declared within it."""
    fields = _fields(raw)
    name = f"{package}.{_text(fields, 1)}"
    ranges = [_fields(reserved) for reserved in fields.get(9, [])]
    options = _fields(fields[7][0]) if 7 in fields else {}
    yield Shape(name, file, [_member(field) for field in fields.get(2, [])],
                [(one[1][0], one[2][0] - 1) for one in ranges], is_map=bool(options.get(7, [0])[0]))
    for nested in fields.get(3, []):
        yield from _message(nested, file, name)
    for nested in fields.get(4, []):
        yield _enum(nested, file, name)


def read(root, files):
    """Every message and enum of the files (paths relative to the root); RuntimeError by protoc."""
    with tempfile.NamedTemporaryFile(suffix=".descriptors") as out:
        done = subprocess.run(["protoc", f"--descriptor_set_out={out.name}", "-I", str(root), *files],
                              cwd=root, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        raw = out.read()
    shapes = []
    for one in _fields(raw).get(1, []):
        fields = _fields(one)
        file, package = _text(fields, 1), _text(fields, 2)
        for message in fields.get(4, []):
            shapes.extend(_message(message, file, package))
        for enum in fields.get(5, []):
            shapes.append(_enum(enum, file, package))
    return shapes
