#!/usr/bin/python3
"""A number of a .proto field, once recorded, cannot change its meaning or vanish unnoticed."""

import facts

CHECK = facts.ROOT / "scripts/checks/proto_numbers.py"
TIP = """\
syntax = "proto3";
package fl.events;
enum Currency { CURRENCY_UNSPECIFIED = 0; USD = 1; }
message Tip {
  string payer = 1;
  int64 amount = 2;
  repeated Currency currencies = 3;
  message Note { bytes sealed = 1; }
  Note note = 4;
}
"""
RECORD = """\
fl.events.Tip 1 payer string
fl.events.Tip 2 amount int64
fl.events.Tip 3 currencies repeated fl.events.Currency
fl.events.Tip 4 note fl.events.Tip.Note
fl.events.Tip.Note 1 sealed bytes
fl.events.Currency 0 CURRENCY_UNSPECIFIED value
fl.events.Currency 1 USD value
"""


def run(proto, record=RECORD, *options):
    files = {"schemas/tip.proto": proto}
    if record is not None:
        files["schemas/numbers.txt"] = record
    with facts.tree(files) as root:
        done = facts.run(CHECK, "--root", root, *options)
        path = root / "schemas/numbers.txt"
        return done, path.read_text() if path.exists() else None


ACCEPTED = [
    ("what is recorded as it is", TIP),
    ("a removed field whose number is reserved", TIP.replace("int64 amount = 2;", "reserved 2;")),
    ("a removed field in a reserved range",
     TIP.replace("int64 amount = 2;", "").replace("Note note = 4;", "reserved 2, 4 to 9;")),
    ("a removed value whose number is reserved", TIP.replace("USD = 1;", "reserved 1;")),
    ("a field moved into a oneof", TIP.replace("Note note = 4;", "oneof kind { Note note = 4; }")),
]
REFUSED = [
    ("a number with another name", TIP.replace("string payer = 1", "string sender = 1"),
     "fl.events.Tip: number 1 was 'string payer' and is now 'string sender'"),
    ("a number with another type", TIP.replace("int64 amount", "uint64 amount"), "number 2 was 'int64 amount'"),
    ("a field made repeated", TIP.replace("int64 amount", "repeated int64 amount"), "number 2 was"),
    ("two numbers exchanged", TIP.replace("payer = 1", "payer = 9").replace("amount = 2", "amount = 1"),
     "number 1 was 'string payer'"),
    ("a field gone and not reserved", TIP.replace("int64 amount = 2;", ""), "amount = 2 is gone and not reserved"),
    ("a nested field gone", TIP.replace("bytes sealed = 1;", ""), "fl.events.Tip.Note: sealed = 1 is gone"),
    ("a value gone", TIP.replace("USD = 1;", ""), "USD = 1 is gone and not reserved"),
    ("a value renamed", TIP.replace("USD = 1;", "EUR = 1;"), "was 'value USD'"),
    ("a message gone", TIP.replace("Currency {", "Money {").replace("repeated Currency", "repeated Money"),
     "fl.events.Currency is gone"),
    ("a new field not yet recorded", TIP.replace("Note note = 4;", "Note note = 4; bool late = 5;"),
     "lacks 'fl.events.Tip 5 late bool'"),
    ("a map", TIP.replace("Note note = 4;", "Note note = 4; map<string, int64> m = 5;"), "fl.events.Tip has a map"),
    ("a double", TIP.replace("Note note = 4;", "Note note = 4; double d = 5;"), "fl.events.Tip.d is floating point"),
    ("an Any", TIP.replace("package fl", 'import "google/protobuf/any.proto";\npackage fl')
     .replace("Note note = 4;", "Note note = 4; repeated google.protobuf.Any a = 5;"), "fl.events.Tip.a is Any"),
    ("what protoc refuses", TIP.replace("message Tip", "mess Tip"), "protoc: "),
]

for name, proto in ACCEPTED:
    def accepts(proto=proto):
        done, _ = run(proto)
        assert done.returncode == 0, done.stdout
    facts.fact(f"accepted: {name}")(accepts)
for name, proto, expected in REFUSED:
    def refuses(proto=proto, expected=expected):
        done, _ = run(proto)
        assert done.returncode == 1 and expected in done.stdout, done.stdout
    facts.fact(f"refused: {name}")(refuses)


@facts.fact("--fix records a new tree, and what it wrote is accepted")
def _():
    done, record = run(TIP, None, "--fix")
    assert done.returncode == 0, done.stdout
    assert set(RECORD.splitlines()) == {line for line in record.splitlines() if not line.startswith("#")}, record


@facts.fact("--fix appends new fields and leaves a changed one refused")
def _():
    changed = TIP.replace("int64 amount = 2;", "uint64 amount = 2; bool late = 5;")
    done, record = run(changed, RECORD, "--fix")
    assert done.returncode == 1 and "number 2 was 'int64 amount'" in done.stdout, done.stdout
    assert record == RECORD + "fl.events.Tip 5 late bool\n", record


@facts.fact("a retired message may be gone and may not come back")
def _():
    gone = TIP.replace("Currency {", "Money {").replace("repeated Currency", "repeated Money")
    retired = RECORD + "retired fl.events.Currency\n"
    done, _ = run(gone, retired)
    assert "fl.events.Currency is" not in done.stdout, done.stdout
    done, _ = run(TIP, retired)
    assert done.returncode == 1 and "fl.events.Currency is retired" in done.stdout, done.stdout


@facts.fact("a damaged record is refused")
def _():
    for damage in ("fl.events.Tip one payer string\n", "fl.events.Tip 1 sender string\n"):
        done, _ = run(TIP, RECORD + damage)
        assert done.returncode == 1 and "schemas/numbers.txt:8" in done.stdout, done.stdout


@facts.fact("a tree without schemas is accepted")
def _():
    with facts.tree({"README.md": ""}) as root:
        done = facts.run(CHECK, "--root", root)
        assert done.returncode == 0, done.stdout


if __name__ == "__main__":
    facts.main(__doc__)
