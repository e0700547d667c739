"""Tips, as fans send and find them."""
TIP = {"amount": {"amount": 100, "currency": "USD"}}


def all_tips(w):
    rows, cursor = [], None
    while True:
        page = w.fan.get("/v1/me/wallet/statement?limit=100" +
                         (f"&cursor={cursor}" if cursor else ""))
        rows += page["data"]
        cursor = page["next"]
        if not cursor:
            return [row["entry"] for row in rows if row["kind"] == "tip"]
