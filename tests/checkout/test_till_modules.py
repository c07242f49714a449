"""What the till keeps, each part by itself in a real browser: keys of visits, the basket, the catalogue."""

import json
from uuid import UUID

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def page(module_page):
    return module_page("")


# Keys


def test_key_is_a_uuid_of_version_7_that_begins_with_the_time(page):
    key = page.evaluate(
        """async () => {
          const { uuid7 } = await import("/checkout/uuid7.js");
          return uuid7(1_790_000_000_123, (bytes) => bytes.fill(255));
        }"""
    )
    assert key == "01a0c450-6c7b-7fff-bfff-ffffffffffff"
    assert UUID(key).version == 7
    assert int(key.replace("-", "")[:12], 16) == 1_790_000_000_123


def test_thousand_keys_are_a_thousand_and_sort_by_time(page):
    keys = page.evaluate(
        """async () => {
          const { uuid7 } = await import("/checkout/uuid7.js");
          return Array.from({ length: 1000 }, (_, ms) => uuid7(1_790_000_000_000 + ms));
        }"""
    )
    assert len(set(keys)) == 1000
    assert keys == sorted(keys)
    assert {(UUID(key).version, UUID(key).variant) for key in keys} == {(7, "specified in RFC 4122")}


# Basket

OPEN = """
  const { Basket } = await import("/checkout/basket.js");
  window.trouble = window.trouble ?? 0;
  const open = async (options = {}) => {
    const basket = new Basket({
      customer: "7", location: "3", now: () => Date.UTC(2026, 10, 22, 17), onTrouble: () => { window.trouble += 1; },
      ...options,
    });
    await basket.open();
    return basket;
  };
  const shown = (basket) => basket.lines.map((line) => [line.product_id ?? line.code, line.quantity]);
"""


def in_page(page, script):
    return page.evaluate(f"async () => {{ {OPEN} {script} }}")


@pytest.fixture
def fresh(page):
    in_page(page, "indexedDB.deleteDatabase('astro-till')")
    return page


def test_same_product_is_one_line_and_the_newest_stands_on_top(fresh):
    assert in_page(
        fresh,
        """const basket = await open();
        basket.add({ product_id: "11" }); basket.add({ code: "00012345678905" }); basket.add({ product_id: "11" });
        basket.add({ product_id: "12" });
        return [shown(basket), basket.units, basket.known.length];""",
    ) == [[["12", 1], ["00012345678905", 1], ["11", 2]], 4, 2]


def test_basket_survives_a_reload_with_its_keys(fresh):
    before = in_page(
        fresh,
        """const basket = await open(); basket.add({ product_id: "11" }, 3); basket.add({ product_id: "12" });
        await basket.saved; return basket.state;""",
    )
    fresh.reload()
    assert in_page(fresh, "return (await open()).state") == before
    assert before["key"] != before["lines"][0]["key"]
    assert [UUID(line["key"]).version for line in before["lines"]] == [7, 7]


def test_basket_survives_a_tab_that_dies(module_site, fresh):
    """The write is on the disk when `saved` says so: another tab reads it although the first one never closed."""
    in_page(fresh, "const basket = await open(); basket.add({ product_id: '11' }, 2); await basket.saved;")
    other = module_site.context.new_page()
    other.goto(fresh.url)
    assert in_page(other, "return shown(await open())") == [["11", 2]]
    other.close()


def test_writes_are_strict(fresh):
    assert in_page(
        fresh,
        """const asked = []; const real = IDBDatabase.prototype.transaction;
        IDBDatabase.prototype.transaction = function (store, mode, options) {
          asked.push([mode ?? "readonly", options?.durability ?? ""]);
          return real.call(this, store, mode, options);
        };
        const basket = await open(); basket.add({ product_id: "11" }); await basket.saved;
        IDBDatabase.prototype.transaction = real;
        return asked;""",
    ) == [["readonly", ""], ["readwrite", "strict"]]


def test_baskets_of_customers_and_locations_are_apart(fresh):
    assert in_page(
        fresh,
        """const basket = await open(); basket.add({ product_id: "11" }); await basket.saved;
        return [shown(await open({ customer: "8" })), shown(await open({ location: "4" })), shown(await open())];""",
    ) == [[], [], [["11", 1]]]


def test_two_windows_lose_nothing_of_each_other(fresh):
    assert in_page(
        fresh,
        """let told = 0;
        const one = await open({ onChange: () => { told += 1; } }); const other = await open();
        one.add({ product_id: "11" }); await one.saved;
        other.add({ product_id: "11" }); other.add({ product_id: "12" }); await other.saved;
        one.add({ product_id: "13" }); await one.saved; await other.open();
        return [told, shown(one), shown(other), one.state.key === other.state.key];""",
    ) == [1, [["13", 1], ["12", 1], ["11", 2]], [["13", 1], ["12", 1], ["11", 2]], True]


def test_undo_takes_back_what_was_done_last(fresh):
    assert in_page(
        fresh,
        """const basket = await open(); const steps = []; const step = () => steps.push(shown(basket));
        basket.add({ product_id: "11" }); basket.add({ product_id: "12" }, 2); basket.add({ product_id: "11" }); step();
        basket.remove(basket.lines[0]); step();
        basket.undo(); step(); basket.undo(); step(); basket.undo(); basket.undo(); step();
        const nothing = basket.undo(); await basket.saved;
        return [steps, nothing, shown(await open()), (await open()).state.key];""",
    ) == [
        [[["12", 2], ["11", 2]], [["11", 2]], [["12", 2], ["11", 2]], [["12", 2], ["11", 1]], []],
        None,
        [],
        None,
    ]


def test_unknown_code_becomes_the_product_that_it_was_said_to_be(fresh):
    assert in_page(
        fresh,
        """const basket = await open();
        basket.add({ product_id: "11" }); basket.add({ code: "00012345678905" }, 2);
        basket.name(basket.lines[0], "11"); const named = shown(basket);
        basket.undo(); return [named, shown(basket)];""",
    ) == [[["11", 3]], [["00012345678905", 2], ["11", 1]]]


def test_quantity_ends_at_what_a_visit_holds(fresh):
    assert in_page(
        fresh,
        """const basket = await open(); basket.add({ product_id: "11" }, 998); basket.add({ product_id: "11" }, 5);
        const most = shown(basket); basket.undo(); return [most, shown(basket)];""",
    ) == [[["11", 999]], [["11", 998]]]


def test_sealed_visit_stays_word_for_word_until_it_is_answered(fresh):
    sealed = in_page(
        fresh,
        """const basket = await open();
        basket.add({ product_id: "11" }, 2); basket.add({ code: "00012345678905" }); const { key } = basket.state;
        await basket.seal();
        basket.add({ product_id: "12" }); await basket.saved;
        return { key, lines: shown(basket), waiting: basket.waiting, next: basket.state.key };""",
    )
    assert sealed["lines"] == [["12", 1]]
    assert sealed["next"] not in (None, sealed["key"])
    [visit] = sealed["waiting"]
    assert (visit["body"]["key"], visit["body"]["occurred_at"]) == (sealed["key"], "2026-11-22T17:00:00.000Z")
    assert [(line["product_id"], line["quantity"]) for line in visit["body"]["lines"]] == [("11", 2)]
    fresh.reload()
    again = in_page(
        fresh,
        """const basket = await open({ now: () => 0 }); await basket.seal(); const { waiting } = basket;
        await basket.settle(waiting[0].body.key); return [waiting, basket.waiting.length];""",
    )
    assert again[0][0] == visit
    assert len(again[0]) == 2
    assert again[1] == 1


def test_reason_is_sealed_into_the_visit_where_one_was_given(fresh):
    bodies = in_page(
        fresh,
        """const basket = await open();
        for (const why of [undefined, {}, { reason: "stocking_up" }, { reason: "other", reason_text: "A present" }]) {
          basket.add({ product_id: "11" }); await basket.seal(why);
        }
        return basket.waiting.map(({ body }) => body);""",
    )
    told = [{name: body[name] for name in body.keys() & {"reason", "reason_text"}} for body in bodies]
    assert told == [{}, {}, {"reason": "stocking_up"}, {"reason": "other", "reason_text": "A present"}]


def test_what_came_off_todays_purchases_is_put_into_the_basket_by_undo(fresh):
    assert in_page(
        fresh,
        """const basket = await open(); basket.add({ product_id: "12" }); basket.takenBack({ product_id: "11" }, 3);
        basket.undo(); const back = shown(basket); basket.undo(); return [back, shown(basket)];""",
    ) == [[["11", 3], ["12", 1]], [["11", 3]]]


def test_nothing_known_is_nothing_to_seal(fresh):
    assert in_page(
        fresh,
        """const basket = await open(); await basket.seal();
        basket.add({ code: "00012345678905" }); await basket.seal();
        return [basket.waiting, shown(basket)];""",
    ) == [[], [["00012345678905", 1]]]


def test_rejected_visit_is_the_basket_again_under_its_key(fresh):
    assert in_page(
        fresh,
        """const basket = await open(); basket.add({ product_id: "11" }, 2); basket.add({ product_id: "12" });
        const { key } = basket.state; await basket.seal();
        basket.add({ product_id: "11" }); basket.add({ product_id: "13" });
        await basket.reopen(key);
        return [shown(basket), basket.waiting, basket.state.key === key, shown(await open())];""",
    ) == [[["13", 1], ["12", 1], ["11", 3]], [], True, [["13", 1], ["12", 1], ["11", 3]]]


def test_finished_basket_leaves_nothing_on_the_disk(fresh):
    assert (
        in_page(
            fresh,
            """const basket = await open(); basket.add({ product_id: "11" }); await basket.seal();
        await basket.settle(basket.waiting[0].body.key);
        const { read } = await import("/checkout/store.js"); return (await read("baskets", "3/7")) ?? "nothing";""",
        )
        == "nothing"
    )


def test_browser_that_keeps_nothing_is_told_of_and_the_basket_goes_on(fresh):
    assert in_page(
        fresh,
        """IDBFactory.prototype.open = () => { throw new DOMException("no", "SecurityError"); };
        const basket = await open(); basket.add({ product_id: "11" }); await basket.saved;
        return [window.trouble, shown(basket)];""",
    ) == [2, [["11", 1]]]


# Catalogue

BAGS = {
    "version": "1",
    "products": {
        "11": {"name": "Northpaw Gold Adult", "brand": "Northpaw", "size": "30 lb", "msrp_cents": 6499, "cards": ["5"]},
        "12": {"name": "Rope toy", "brand": "Tugger", "size": "", "msrp_cents": None, "cards": []},
        "13": {"name": "Pâté de saumon", "brand": "Fernwell", "size": "3 oz", "msrp_cents": 199, "cards": []},
        "14": {"name": "Adult dental sticks", "brand": "Aardbark", "size": "", "msrp_cents": 900, "cards": []},
    },
    "codes": {"00012345678905": "11"},
    "cards": {"5": {"title": "Dry Dog, large bags", "brand": "Northpaw", "need": 12, "program": "8"}},
    "programs": {"8": "Northpaw Dry Dog"},
}


def with_etag(data, etag):
    return {"body": json.dumps(data), "content_type": "application/json", "headers": {"ETag": etag}}


def catalogue_in(page, script):
    return page.evaluate(
        f"""async () => {{
          const {{ Catalogue }} = await import("/checkout/catalogue.js");
          const catalogue = new Catalogue({{ url: "/checkout/catalogue.json", place: "3" }});
          {script}
        }}"""
    )


@pytest.fixture
def shelf(module_site, fresh):
    module_site.answers["/checkout/catalogue.json"] = [with_etag(BAGS, '"one"')]
    return fresh


def test_code_leads_to_product_and_cards(shelf):
    assert catalogue_in(
        shelf,
        """await catalogue.open();
        return [catalogue.product(catalogue.withCode("00012345678905")), catalogue.withCode("00012345678912"),
          catalogue.product("99") ?? "unknown"];""",
    ) == [
        {
            "id": "11",
            "name": "Northpaw Gold Adult",
            "brand": "Northpaw",
            "size": "30 lb",
            "msrp_cents": 6499,
            "cards": [{"id": "5", "title": "Dry Dog, large bags", "brand": "Northpaw", "need": 12, "program": "8"}],
            "missed": None,
        },
        None,
        "unknown",
    ]


def test_shelves_lead_from_brand_to_program_to_item_by_name(module_site, fresh):
    cards = {
        str(number): {"title": f"Card {number}", "brand": brand, "need": 12, "program": program}
        for number, (brand, program) in enumerate([("Northpaw", "8"), ("Northpaw", "9"), ("Fernwell", "7")])
    }
    products = {
        str(number): {"name": name, "brand": "", "size": size, "msrp_cents": None, "cards": held}
        for number, (name, size, held) in enumerate(
            [("Gold", "30 lb", ["0"]), ("Gold", "5 lb", ["0", "1"]), ("Pate", "", ["2"]), ("Rope", "", [])]
        )
    }
    told = {
        **BAGS,
        "codes": {},
        "cards": cards,
        "products": products,
        "programs": {"7": "Wet", "8": "Dry", "9": "Bags"},
    }
    module_site.answers["/checkout/catalogue.json"] = [with_etag(told, '"one"')]
    assert catalogue_in(
        fresh,
        """await catalogue.open();
        return catalogue.shelves().map(({ name, programs }) => [name, programs.map(({ title, products }) =>
          [title, products.map((product) => product.size || product.name)])]);""",
    ) == [["Fernwell", [["Wet", ["Pate"]]]], ["Northpaw", [["Bags", ["5 lb"]], ["Dry", ["5 lb", "30 lb"]]]]]


def test_missed_program_is_named_and_a_product_that_went_is_remembered(module_site, shelf):
    rope = {**BAGS["products"]["12"], "missed": "9"}
    told = {**BAGS, "products": {"12": rope}, "codes": {}, "programs": {**BAGS["programs"], "9": "Tugger Toys"}}
    module_site.answers["/checkout/catalogue.json"] = [with_etag(BAGS, '"one"'), with_etag(told, '"two"')]
    assert catalogue_in(
        shelf,
        """await catalogue.open(); const before = catalogue.product("12").missed; await catalogue.refresh();
        return [before, catalogue.product("12").missed, catalogue.product("11") ?? "gone",
          catalogue.formerProduct("11").name];""",
    ) == [None, {"id": "9", "title": "Tugger Toys"}, "gone", "Northpaw Gold Adult"]


def test_copy_from_before_there_were_programs_is_not_used(module_site, shelf):
    catalogue_in(
        shelf,
        """const { change } = await import("/checkout/store.js");
        await change("catalogues", "3", () => ({ etag: '"old"', data: { products: {}, codes: {}, cards: {} } }));""",
    )
    assert catalogue_in(shelf, "await catalogue.open(); return catalogue.withCode('00012345678905');") == "11"
    assert "if-none-match" not in module_site.asked[-1].headers


@pytest.mark.parametrize(
    ("text", "ids"),
    [("gold 30", ["11"]), ("ADULT", ["11", "14"]), ("pate", ["13"]), ("northpaw rope", []), ("  ", []), (".*", [])],
)
def test_search_finds_every_word_without_case_and_accents(shelf, text, ids):
    found = catalogue_in(
        shelf, f"await catalogue.open(); return catalogue.search({json.dumps(text)}).map((p) => p.id);"
    )
    assert found == ids


def test_catalogue_is_fetched_once_and_then_asked_for_by_etag(module_site, shelf):
    catalogue_in(shelf, "await catalogue.open();")
    module_site.answers["/checkout/catalogue.json"] = [{"status": 304}]
    module_site.asked.clear()
    found = catalogue_in(
        shelf, "await catalogue.open(); await catalogue.refresh(); return catalogue.withCode('00012345678905');"
    )
    assert found == "11"
    assert {request.headers["if-none-match"] for request in module_site.asked} == {'"one"'}


def test_catalogue_works_without_network_once_it_was_there(module_site, shelf):
    catalogue_in(shelf, "await catalogue.open();")
    module_site.answers["/checkout/catalogue.json"] = [None]
    assert catalogue_in(shelf, "return [await catalogue.open(), catalogue.withCode('00012345678905')];") == [True, "11"]


def test_a_slow_disk_does_not_undo_what_the_server_answered_meanwhile(module_site, shelf):
    catalogue_in(shelf, "await catalogue.open();")
    module_site.answers["/checkout/catalogue.json"] = [with_etag({**BAGS, "codes": {"00012345678905": "12"}}, '"two"')]
    assert (
        catalogue_in(
            shelf,
            """const { change, read } = await import("/checkout/store.js");
            const copy = await read("catalogues", "3");
            await catalogue.refresh();
            await change("catalogues", "3", () => copy);
            await catalogue.open();
            return catalogue.withCode('00012345678905');""",
        )
        == "12"
    )


@pytest.mark.parametrize("answer", [None, {"status": 500}, {"body": "<h1>Sign in</h1>", "content_type": "text/html"}])
def test_no_copy_and_no_answer_is_said(module_site, fresh, answer):
    module_site.answers["/checkout/catalogue.json"] = [answer]
    assert catalogue_in(fresh, "return [await catalogue.open(), catalogue.withCode('00012345678905')];") == [
        False,
        None,
    ]


def test_newer_catalogue_takes_the_place_of_the_copy(module_site, shelf):
    catalogue_in(shelf, "await catalogue.open();")
    module_site.answers["/checkout/catalogue.json"] = [with_etag({**BAGS, "codes": {"00012345678905": "12"}}, '"two"')]
    catalogue_in(shelf, "await catalogue.open(); await catalogue.refresh();")
    module_site.answers["/checkout/catalogue.json"] = [None]
    assert catalogue_in(shelf, "await catalogue.open(); return catalogue.withCode('00012345678905');") == "12"
