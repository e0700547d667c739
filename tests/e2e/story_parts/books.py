"""What the rules make of the story, to the cent."""
from support.facts import equal, true

FEES = {"purchase": 50, "subscription": 10, "tip": 20}  # percent, rounded down


def balance(w, totals):
    sales = sum(amount for _, amount in w.sold)
    fees = sum(amount * FEES[kind] // 100 for kind, amount in w.sold)
    true(len(w.sold) > 60 and fees > 0, "there was trade")
    equal(totals, [{
        "currency": "BTC", "decimals": 8, "deposits": "0", "wallets": "0", "earnings": "0",
        "fees": "0", "sum": "0"}, {
        "currency": "USD", "decimals": 2, "deposits": str(w.deposited),
        "wallets": str(w.deposited - sales), "earnings": str(sales - fees), "fees": str(fees),
        "sum": "0"}])
