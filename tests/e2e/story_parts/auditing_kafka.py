"""The auditor reads the topics themselves."""
from story_parts import books
from support.facts import equal, fact, true


@fact("[B16] [B1] the auditor verifies the topic directly, and lists the fences and what is void")
def audit_topic(w):
    report = w.node.audit()
    equal(report["findings"], [], "while nodes append")
    equal(w.node.stop(), 0, "every node ends in peace")
    report = w.node.audit()
    equal(report["findings"], [])
    text = w.node.run("fanledger", "audit", "verify", "--kafka", w.node.topology.bootstrap).stdout
    true("USD" in text, "the report for people has totals")
    fences = report["fences"]
    true(len(fences) >= 3, f"the fences of each takeover are listed: {fences}")
    equal([fence["epoch"] for fence in fences], list(range(1, len(fences) + 1)), "epochs")
    equal(len({fence["owner_id"] for fence in fences}), 2, "owners that took turns")
    true(all(void["explanation"] for void in report["voids"]), f"what is void is explained: {report['voids']}")
    print(f"  {len(fences)} fences, {report['ledger']['void_count']} void records", flush=True)
    books.balance(w, report["totals"])
