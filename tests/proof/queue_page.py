"""A page that keeps and sends visits with the till's own modules (kept.js, sending.js), as fast as it can."""

from __future__ import annotations

import json
from pathlib import Path

RING_UP = """async ([modules, shop, count, first, crowd]) => {
  const [{ keep, summary }, { keepSending }, { uuid7 }] = await Promise.all(modules.map((one) => import(one)));
  const pause = (ms) => new Promise((go) => setTimeout(go, ms));
  const sender = keepSending({ soonest: 20, latest: 100, patience: 5000 });
  window.kept = {};
  window.left = async () => (await summary()).count;
  const line = (quantity) => ({ key: uuid7(), product_id: shop.product, quantity });
  const ways = [{ code: shop.code }, { phone: shop.phone }, { note: "the lady with the poodle" }];
  for (let turn = first; turn < first + count; turn++) {
    const units = 1 + (turn % 3);
    const customer = ways[turn % 12] ?? { id: shop.customers[turn % shop.customers.length] };
    const body = {
      key: uuid7(), occurred_at: new Date().toISOString(), retailer: shop.retailer, location: shop.location,
      by: shop.by, customer, lines: [line(units)],
    };
    if (turn % 12 === 3) body.unknown = [{ code: "00614141000036", quantity: 2 }];
    const [who] = Object.keys(customer);
    await keep({ body, lines: [], who: who === "id" ? "chosen" : who === "code" ? "card" : who });
    window.kept[body.key] = { units, who, unknown: body.unknown ? 2 : 0 };
    while ((await summary()).count >= crowd) await pause(20);
  }
  while (await window.left()) await pause(50);
  sender.stop();
  return window.kept;
}"""


def modules(static: Path | None = None) -> list[str]:
    """Their addresses: as collected in the folder, or as they are."""
    names = ["checkout/kept.js", "checkout/sending.js", "checkout/uuid7.js"]
    hashed = json.loads((static / "staticfiles.json").read_text())["paths"] if static else {}
    return [f"/static/{hashed.get(name, name)}" for name in names]


def begin(page, *, address, shop, count, first=0, static=None, crowd=200):
    """Rings up so many visits, never with more than a crowd of them waiting. `finish` says what was kept."""
    page.goto(f"{address}/live")
    page.evaluate(
        f"(told) => {{ window.work = ({RING_UP})(told); window.work.catch(() => {{}}); }}",
        [modules(static), shop, count, first, crowd],
    )


def finish(page):
    """When all of it was sent: what was kept, by key."""
    return page.evaluate("() => window.work")


def expect_stored(kept, stored):
    """What stands is what was kept, key for key and unit for unit; what had no customer waits for a person."""
    named = {key: told for key, told in kept.items() if told["who"] != "note"}
    assert set(stored["arrivals"]) == set(kept)
    assert dict(stored["visits"]) == {key: told["units"] for key, told in named.items()}
    waiting = [[key, "unnamed", told["units"] + told["unknown"]] for key, told in kept.items() if key not in named]
    waiting += [[key, "items", told["unknown"]] for key, told in named.items() if told["unknown"]]
    assert stored["kept"] == sorted(waiting)
    assert stored["punches"] == sum(told["units"] for told in named.values())
