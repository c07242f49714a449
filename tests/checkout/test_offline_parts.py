"""The till without network, each part by itself in a real browser: whose it is, is Astro there, handing over."""

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def page(module_page):
    page = module_page("")
    page.evaluate("indexedDB.deleteDatabase('astro-till')")
    return page


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("(406) 555-0142", {"phone": "+14065550142"}),
        ("1 406 555 0142", {"phone": "+14065550142"}),
        ("+1 406 555 0142", {"phone": "+14065550142"}),
        ("+49 30 901820", {"phone": "+4930901820"}),
        ("", {"problem": "missing"}),
        ("555-0142", {"problem": "short"}),
        ("+49 30", {"problem": "short"}),
        ("406 555 01423", {"problem": "long"}),
        ("406 555 0142 ext 7", {"problem": "letters"}),
        ("106 555 0142", {"problem": "wrong"}),
    ],
)
def test_phone_number_is_checked_for_its_shape(page, typed, read):
    found = page.evaluate(
        "async typed => (await import('/checkout/whose.js')).readPhone(typed)",
        typed,
    )
    assert found == read


def test_address_names_whom_the_page_was_asked_for(page):
    asked = page.evaluate(
        """async () => {
          const { askedFor, isOldCard } = await import("/checkout/whose.js");
          const paths = ["/checkout/42/", "/checkout/42/redeem/?visit=k", "/checkout/?code=C0FFEE", "/checkout/?q=Sal",
            "/checkout/offline/", "/customers/42/"];
          const found = paths.map((path) => askedFor(new URL(path, "http://till.test")));
          return [found, ["OLD-17", "c4711", "4711", "https://x.test/a b", "A"].map(isOldCard)];
        }"""
    )
    assert asked == [
        [{"id": "42"}, {"id": "42"}, {"code": "C0FFEE"}, None, None, None],
        [True, True, False, False, False],
    ]


@pytest.mark.parametrize(
    ("answer", "is_reached"),
    [
        ({"json": {"live": True}}, True),
        ({"body": "<h1>Sign in to the Wi-Fi</h1>"}, False),
        ({"json": {"ok": True}}, False),
        ({"status": 502, "json": {"live": True}}, False),
        (None, False),
    ],
)
def test_only_astro_itself_counts_as_reached(module_site, page, answer, is_reached):
    module_site.answers["/live"] = [answer]
    told = page.evaluate(
        """async () => {
          const { watchReach } = await import("/checkout/reach.js");
          return new Promise((done) => {
            const { stop } = watchReach({ url: "/live", onChange: (is) => { stop(); done(is); } });
          });
        }"""
    )
    assert told is is_reached


HAND_OVER = """
  const { Basket } = await import("/checkout/basket.js");
  const { handOver, handOverAll, withdraw } = await import("/checkout/handover.js");
  const { allKept, keep, settleKept, takeBack } = await import("/checkout/kept.js");
  const about = { retailer: "1", location: "3", by: null, customer: { id: "7" } };
  const sealed = async (now = Date.now(), customer = "7") => {
    const basket = new Basket({ customer, location: "3", now: () => now });
    await basket.open();
    basket.add({ product_id: "11" }, 2);
    basket.add({ code: "00012345678905" });
    const whose = customer === "7" ? {} : { customer: { note: "poodle" } };
    await basket.seal({ ...about, ...whose }, { nameOf: (line) => `N${line.product_id ?? ""}` });
    return basket;
  };
"""


def in_page(page, script):
    return page.evaluate(f"async () => {{ {HAND_OVER} {script} }}")


def test_handed_over_visit_is_kept_word_for_word_and_leaves_the_basket(page):
    body, kept, waiting = in_page(
        page,
        """const basket = await sealed(); const [{ body }] = basket.waiting;
        await handOver(basket, about, () => true); return [body, await allKept(), basket.waiting];""",
    )
    assert waiting == []
    [visit] = kept
    assert visit["body"] == body
    assert body["unknown"] == [{"code": "00012345678905", "quantity": 1}]
    assert (body["customer"], visit["who"], visit["told"], visit["tries"]) == ({"id": "7"}, "chosen", "", 0)
    assert [(line["quantity"], line["name"]) for line in visit["lines"]] == [(1, "N"), (2, "N11")]


def test_window_that_died_between_the_two_writes_leaves_one_visit(page):
    """It stands among the kept ones and in the basket: handed over again it is the same, sent or not meanwhile."""
    kept, again, bodies = in_page(
        page,
        """const basket = await sealed(); const [{ body }] = basket.waiting;
        basket.settle = () => { throw new Error("killed"); };
        await handOver(basket, about).catch(() => {});
        const kept = (await allKept()).length; await settleKept(body.key); // it was sent meanwhile
        const next = new Basket({ customer: "7", location: "3" }); await next.open();
        await handOver(next, { ...about, by: "another person" });
        const again = await allKept();
        return [kept, again.map((visit) => JSON.stringify(visit.body)), JSON.stringify(body)];""",
    )
    assert kept == 1
    assert again == [bodies]


def test_what_may_have_gone_out_before_it_was_kept_is_not_taken_back(page):
    """The page sent it and had no answer, or died: it may stand. What was never sent is taken back."""
    assert in_page(
        page,
        """const withdrawn = async (basket, isFresh) => withdraw((await handOver(basket, about, isFresh))[0]);
        await sealed(Date.now() - 3_600_000);
        await handOverAll();
        const [left] = await allKept();
        const told = [await withdraw(left)]; await settleKept(left.body.key);
        told.push(await withdrawn(await sealed()), await withdrawn(await sealed(), () => true));
        told.push(await withdrawn(await sealed(Date.now(), "offline")));
        const basket = await sealed(); const [{ body, lines }] = basket.waiting;
        await keep({ body, lines, who: "chosen" }); // as if fresh, and then a page says that it had sent it
        await handOver(basket, about);
        return [...told, await takeBack(body.key)];""",
    ) == [False, False, True, True, False]


def test_what_was_taken_back_is_not_handed_over_again_by_its_basket(page):
    """The window died between the two writes, so the basket holds it too."""
    assert in_page(
        page,
        """const basket = await sealed(Date.now() - 3_600_000, "offline");
        basket.settle = () => { throw new Error("killed"); };
        await handOver(basket, about).catch(() => {});
        const isTaken = await withdraw((await allKept())[0]);
        await handOverAll();
        return [isTaken, (await allKept()).length];""",
    ) == [True, 0]


def test_refused_storage_leaves_the_visit_sealed_in_its_basket(page):
    name, waiting = in_page(
        page,
        """const basket = await sealed();
        IDBDatabase.prototype.transaction = () => { throw new DOMException("full", "QuotaExceededError"); };
        const error = await handOver(basket, about).catch((error) => error);
        return [`${error.name} ${error.why}`, basket.waiting.length];""",
    )
    assert (name, waiting) == ("NotKept full", 1)


def test_visits_of_windows_that_are_gone_are_handed_over_and_fresh_ones_left(page):
    """Whoever opens Astro next hands them over, whatever customer it is; one sealed just now may get its answer."""
    first, second = in_page(
        page,
        """const now = Date.now();
        await sealed(now - 3_600_000); await sealed(now - 7_200_000, "offline"); await sealed(now);
        await handOverAll(); const first = (await allKept()).map((visit) => visit.who).sort();
        const open = async (customer) => {
          const basket = new Basket({ customer, location: "3" }); await basket.open(); return basket.waiting.length;
        };
        return [first, [await open("7"), await open("offline")]];""",
    )
    assert first == ["chosen", "note"]
    assert second == [1, 0]
