"""Wrong values for each type of field, and random changes of right ones."""
import copy
import json


class Literal:
    """A value as it is to stand in the JSON text."""

    def __init__(self, text):
        self.text = text


def to_json(value):
    literals = []

    def mark(item):
        literals.append(item.text)
        return f"@literal{len(literals) - 1}@"
    text = json.dumps(value, default=mark)
    for number, literal in enumerate(literals):
        text = text.replace(f'"@literal{number}@"', literal)
    return text.encode()


# What is wrong for each type of field: (what it is, value, further part of the field's name).
def bad_text(low, high):
    rows = [("a number", 7, ""), ("an array", ["x"], ""), ("an object", {"x": 1}, ""),
            ("a boolean", True, ""), ("too long", "x" * (high + 1), ""), ("a NUL", "abc\0def", "")]
    return rows + ([("too short", "x" * (low - 1), "")] if low else [])


def bad_money(low):
    rows = [("a number", 100, ""), ("a string", "100 USD", ""), ("an array", [100, "USD"], "")]
    for what, amount in [("negative", -1), ("2^63", 1 << 63), ("-2^63", -(1 << 63)),
                         ("2^64", 1 << 64), ("1e3", Literal("1e3")), ("1.5", 1.5),
                         ("1000.0", Literal("1000.0")), ("a string", "100"), ("a boolean", True),
                         ("null", None)] + ([("zero", 0)] * low):
        rows.append((what, {"amount": amount, "currency": "USD"}, ".amount"))
    for what, currency in [("small letters", "usd"), ("a number", 840), ("empty", ""),
                           ("long", "USDUSDUSD"), ("null", None), ("odd", "U$D")]:
        rows.append((what, {"amount": 1000, "currency": currency}, ".currency"))
    rows.append(("without amount", {"currency": "USD"}, ".amount"))
    rows.append(("without currency", {"amount": 1000}, ".currency"))
    rows.append(("with more", {"amount": 1000, "currency": "USD", "rate": 2}, ".rate"))
    return rows


BAD_ID = [("no id", "x", ""), ("empty", "", ""), ("a number", 7, ""), ("an array", [], ""),
          ("of another kind", "acc_00000000000000000000000000", ""), ("a path", "../../etc", "")]
BAD_BOOL = [("a string", "true", ""), ("a number", 1, "")]
BAD_INTEGER = [("a string", "1", ""), ("a fraction", 1.5, ""), ("negative", -1, ""),
               ("2^63", 1 << 63, ""), ("1e3", Literal("1e3"), "")]
BAD_CHOICE = [("another", "admin", ""), ("a number", 1, ""), ("empty", "", "")]


def mutated(chance, value):
    """The value with one place changed."""
    odd = [None, True, False, 0, -1, 1, 1 << 31, 1 << 63, -(1 << 63), 1.5, Literal("1e3"),
           Literal("1e999"), Literal("-0"), "", "x", "\0", "\u202e", "\ud800", "x" * 3000, [], {},
           [[]], {"amount": 1}, "USD", "post_", "../../x", "'; drop table x; --", "\U0001f600" * 9]
    if not isinstance(value, dict) or chance.random() < 0.1:
        return chance.choice(odd)
    value = copy.deepcopy(value)
    name = chance.choice(list(value)) if value else "x"
    act = chance.randrange(4)
    if act == 0:
        value.pop(name, None)
    elif act == 1:
        value[chance.choice(["user", "x", "", "\0", "amount"])] = chance.choice(odd)
    else:
        value[name] = mutated(chance, value.get(name))
    return value
