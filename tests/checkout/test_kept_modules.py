"""What a till keeps and how it is sent, by the modules alone: whatever is answered, each is sent until it is taken."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from tests.browser import FLAGS, PATIENCE
from tests.checkout.conftest import STATIC

pytestmark = pytest.mark.browser

ADDRESS = "http://localhost:9"  # a safe place, as browsers see it; nothing ever goes out
HTML = {"content_type": "text/html", "body": "<h1>Welcome to our Wi-Fi</h1>"}
KEPT = """
  const { allKept, canKeep, keep, NotKept, noteTry, onKept, settleKept, summary, takeBack, troubleKeeping } =
    await import("/checkout/kept.js");
  const { keepSending, sendKept } = await import("/checkout/sending.js");
  const { change, read } = await import("/checkout/store.js");
  const { forgetPerson, recall, remember } = await import("/checkout/identity.js");
  const visit = (key, more = {}) => ({
    body: { key, occurred_at: "2026-11-22T14:05:00.000Z", retailer: "1", location: "2", by: null,
      customer: { note: "Ada" }, lines: [{ key: key + "-1", product_id: "9007199254740993", quantity: 2 }] },
    lines: [{ product_id: "9007199254740993", quantity: 2, name: "Gold" }], who: "note", told: "Ada", ...more });
  const keepAll = async (...keys) => {
    for (const [at, key] of keys.entries()) await keep(visit(key, { kept_at: 1000 + at }));
  };
  const troubles = async () => Object.fromEntries((await allKept()).map((one) => [one.body.key, one.trouble]));
  const until = async (is) => { while (!(await is())) await new Promise((go) => setTimeout(go, 20)); };
"""


class Till:
    """A browser of its own. `taken` is what the server took, `sent` all that came; `says` holds, by visit key, what it
    answers first (arguments of `route.fulfill`, or None for no answer), and then it takes the visit."""

    def __init__(self, context):
        self.sent, self.taken, self.reports, self.errors = [], [], [], []
        self.says, self.always, self.held = {}, {}, []
        self.holds = False
        self.context = context
        self.context.set_default_timeout(PATIENCE)
        self.context.route("**/*", self.answer)

    def window(self):
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(f"{ADDRESS}/")
        return page

    def answer(self, route):
        path = route.request.url.removeprefix(ADDRESS)
        if path == "/":
            route.fulfill(body='<!doctype html><html lang="en"><title>Till</title>', content_type="text/html")
        elif path.endswith(".js"):
            route.fulfill(path=STATIC / Path(path).name, content_type="text/javascript")
        elif path == "/checkout/arrivals/":
            self.arrive(route)
        elif path == "/checkout/waiting/":
            self.reports.append(route.request.post_data_json)
            route.fulfill(json={})
        else:
            route.fulfill(**HTML)

    def arrive(self, route):
        text = route.request.post_data
        key = json.loads(text)["key"]
        self.sent.append((key, text, route.request.headers))
        if self.holds:
            self.held.append(route)
            return
        answers = self.says.get(key, [])
        told = answers.pop(0) if answers else self.always.get(key, {"json": taken(key)})
        if told is None:
            route.abort()
        else:
            self.taken += [key] if told == {"json": taken(key)} else []
            route.fulfill(**told)

    @property
    def tries(self):
        return Counter(key for key, _text, _headers in self.sent)


def taken(key, outcome="recorded"):
    return {"arrival": {"key": key, "outcome": outcome, "why": []}}


def error(status, code, message="Told why."):
    return {"status": status, "json": {"error": {"code": code, "message": message}}}


@pytest.fixture
def till(browser):
    with browser.new_context() as context:
        till = Till(context)
        yield till
    assert till.errors == []


@pytest.fixture
def page(till):
    return till.window()


def run(page, script):
    """What the script gives; what never comes to an end fails."""
    return page.evaluate(
        f"""() => Promise.race([
          (async () => {{ {KEPT} {script} }})(),
          new Promise((_, fail) => setTimeout(fail, {PATIENCE}, new Error("It does not come to an end."))),
        ])"""
    )


# Keeping


def test_kept_is_said_when_it_is_on_the_disk(page):
    """Strictly durable, and there after the window is gone."""
    assert run(
        page,
        """const asked = []; const start = IDBDatabase.prototype.transaction;
        IDBDatabase.prototype.transaction = function (...how) { asked.push(how); return start.apply(this, how); };
        await keep(visit("a")); return asked;""",
    ) == [["kept", "readwrite", {"durability": "strict"}]]
    page.reload()
    [kept] = run(page, "return allKept();")
    assert (kept["body"]["key"], kept["told"], kept["tries"], kept["trouble"]) == ("a", "Ada", 0, None)


def test_same_key_again_changes_nothing_and_the_oldest_comes_first(page):
    assert run(
        page,
        """await keepAll("b", "a"); await keep(visit("b", { told: "Bo", kept_at: 5 }));
        return [(await allKept()).map(({ body, told }) => [body.key, told]), await summary()];""",
    ) == [[["b", "Ada"], ["a", "Ada"]], {"count": 2, "since": 1000, "troubles": {}}]


def test_only_what_never_went_out_is_taken_back(page):
    assert run(
        page,
        """await keepAll("a", "b"); await noteTry("b");
        return [await takeBack("a"), await takeBack("a"), await takeBack("b"), await noteTry("a"),
          await troubles()];""",
    ) == [True, False, False, None, {"b": None}]


@pytest.mark.parametrize(
    ("name", "why"), [("UnknownError", "refused"), ("SecurityError", "refused"), ("QuotaExceededError", "full")]
)
def test_browser_that_keeps_nothing_says_so(till, name, why):
    till.context.add_init_script(
        f"""indexedDB.open = () => {{
          const request = new EventTarget();
          request.error = new DOMException("No.", "{name}");
          setTimeout(() => request.onerror());
          return request;
        }};"""
    )
    assert run(
        till.window(),
        """const end = await keep(visit("a")).then(() => "kept", (error) => [error instanceof NotKept, error.why]);
        return [end, await canKeep(), await troubleKeeping()];""",
    ) == [[True, why], False, why]


def test_private_window_that_forgets_is_a_refusal(till):
    till.context.add_init_script(
        "navigator.storage.getDirectory = () => Promise.reject(new DOMException('Private.', 'SecurityError'));"
    )
    assert run(
        till.window(),
        """const end = await keep(visit("a")).then(() => "kept", (error) => error.why);
        return [end, await canKeep(), await allKept()];""",
    ) == ["refused", False, []]


def test_full_disk_is_told_from_a_refusal(browser, tmp_path):
    """By the browser itself, on a real disk with room for some of a hundred; those stay."""
    how = {"executable_path": os.environ.get("CHROMIUM", "/usr/bin/chromium"), "args": FLAGS}
    with browser.browser_type.launch_persistent_context(tmp_path, **how) as context:
        till = Till(context)
        page = till.window()
        session = context.new_cdp_session(page)
        session.send("Storage.overrideQuotaForOrigin", {"origin": ADDRESS, "quotaSize": 1_000_000})
        ends, left = run(
            page,
            """const ends = [];
            while (ends.at(-1) !== "full" && ends.length < 100) {
              const told = "x".repeat(400_000);
              ends.push(await keep(visit(`v${ends.length}`, { told })).then(() => "kept", (error) => error.why));
            }
            return [ends, (await allKept()).length];""",
        )
    assert 1 <= left < 100
    assert ends == ["kept"] * left + ["full"]


def test_full_disk_is_emptied_by_sending(browser, tmp_path):
    """Where not even a try can be noted any more, what waits goes out all the same: that makes room."""
    how = {"executable_path": os.environ.get("CHROMIUM", "/usr/bin/chromium"), "args": FLAGS}
    with browser.browser_type.launch_persistent_context(tmp_path, **how) as context:
        till = Till(context)
        page = till.window()
        session = context.new_cdp_session(page)
        session.send("Storage.overrideQuotaForOrigin", {"origin": ADDRESS, "quotaSize": 1_000_000})
        ends = run(
            page,
            """let number = 0;
            const more = () => keep(visit(`v${number}`, { told: "x".repeat(400_000) })).then(() => true, () => false);
            while (await more()) number += 1;
            const { tries } = await noteTry("v0"); // which is not noted
            return [tries, await sendKept(), (await allKept()).length, number];""",
        )
    assert ends == [0, "done", 0, len(till.taken)]
    assert till.taken


def test_older_window_is_named_and_once_it_closes_its_baskets_are_there(till):
    old = till.context.new_page()
    old.goto(f"{ADDRESS}/")
    old.evaluate(
        """() => new Promise((resolve, reject) => {
          const request = indexedDB.open("astro-till", 1);
          request.onupgradeneeded = () => {
            request.result.createObjectStore("baskets").put({ key: "old" }, "3/7");
            request.result.createObjectStore("catalogues");
          };
          request.onsuccess = () => { globalThis.held = request.result; resolve(); };
          request.onerror = reject;
        })"""
    )
    new = till.window()
    assert run(new, 'return keep(visit("a")).then(() => "kept", (error) => error.why);') == "blocked"
    old.close()
    assert run(
        new,
        """await until(() => keep(visit("a")).then(() => true, () => false));
        return [await read("baskets", "3/7"), (await summary()).count];""",
    ) == [{"key": "old"}, 1]


def test_newer_window_need_not_wait_for_this_one(till, page):
    run(page, 'await keep(visit("a"));')
    newer = till.window()
    assert (
        newer.evaluate(
            """() => new Promise((resolve) => {
          const request = indexedDB.open("astro-till", 3);
          request.onsuccess = () => resolve("open");
          request.onblocked = () => resolve("blocked");
        })"""
        )
        == "open"
    )


# Sending

STRANGE = {
    "portal": {"status": 200, **HTML},
    "portal's JSON": {"json": {"login": "needed"}},
    "another's key": {"json": taken("b")},
    "redirect": {"status": 302, "headers": {"Location": "/portal"}},
    "401 of a proxy": {"status": 401, **HTML},
    "401 of another kind": error(401, "signed_out"),
    "403 of a proxy": {"status": 403, **HTML},
    "413 of a proxy": {"status": 413, **HTML},
    "server error": {"status": 500, **HTML},
    "server error that speaks JSON": {"status": 503, "json": taken("a")},
    "cut off": {"status": 200, "content_type": "application/json", "body": '{"arrival": {"key": "a", "outc'},
    "nothing": {"status": 200, "body": ""},
    "null": {"json": None},
    "no network": None,
}


@pytest.mark.parametrize("answer", STRANGE.values(), ids=STRANGE)
def test_strange_answer_is_none_and_the_visit_goes_out_again_word_for_word(till, page, answer):
    till.says["a"] = [answer]
    assert run(page, 'await keep(visit("a")); return [await sendKept(), await troubles()];') == [
        "no answer",
        {"a": "unreachable"},
    ]
    assert run(page, "return [await sendKept(), await troubles()];") == ["done", {}]
    assert [key for key, _text, _headers in till.sent] == ["a", "a"]
    assert till.sent[0][1] == till.sent[1][1]
    assert till.sent[0][2]["x-astro-till"] == "1"
    assert till.sent[0][2]["x-till-clock"][:2] == "20"


def test_answer_that_takes_too_long_is_none(till, page):
    till.holds = True
    assert run(page, 'await keep(visit("a")); return [await sendKept({ patience: 300 }), await troubles()];') == [
        "no answer",
        {"a": "unreachable"},
    ]
    till.holds = False
    assert run(page, "return [await sendKept(), await troubles()];") == ["done", {}]


def test_what_the_server_kept_for_a_person_is_off_the_till(till, page):
    till.says["a"] = [{"json": taken("a", "kept")}]
    assert run(page, 'await keep(visit("a")); return [await sendKept(), await troubles()];') == ["done", {}]


def test_refusals_are_noted_and_hold_up_nobody_else(till, page):
    till.says |= {
        "a": [error(403, "other_store")],
        "b": [error(422, "unreadable", "This visit has no lines.")],
        "c": [error(413, "too_big", "Too big.")],
    }
    assert run(
        page, 'await keepAll("a", "b", "c", "d"); return [await sendKept(), await troubles(), await summary()];'
    ) == [
        "done",
        {"a": "other-store", "b": "unfit", "c": "unfit"},
        {"count": 3, "since": 1000, "troubles": {"other-store": 1, "unfit": 2}},
    ]
    assert run(page, "return (await allKept()).map(({ message }) => message);") == [
        "Told why.",
        "This visit has no lines.",
        "Too big.",
    ]
    assert till.taken == ["d"]


def test_signed_out_till_stops_and_sends_all_when_somebody_signed_in(till, page):
    till.says["a"] = [error(401, "no_till")]
    assert run(page, 'await keepAll("a", "b"); return [await sendKept(), await troubles()];') == [
        "sign-in",
        {"a": "sign-in", "b": None},
    ]
    assert run(page, "return [await sendKept(), await troubles()];") == ["done", {}]
    assert till.taken == ["a", "b"]


def test_one_that_the_server_chokes_on_holds_up_nobody_for_long(till, page):
    till.always["a"] = {"status": 500, **HTML}
    run(page, 'await keepAll("a", "b", "c"); for (let round = 0; round < 6; round++) await sendKept();')
    assert sorted(till.taken) == ["b", "c"]
    assert run(page, "return troubles();") == {"a": "unreachable"}


def test_two_windows_send_each_visit_once(till, page):
    other = till.window()
    run(page, "await keepAll(...Array.from({ length: 30 }, (_, at) => `v${at}`));")
    for window in (page, other):
        run(window, "globalThis.end = sendKept();")
    ends = [window.evaluate("() => globalThis.end") for window in (page, other)]
    assert sorted(ends) in (["busy", "done"], ["done", "nothing"])  # it found the first at work, or all of it gone
    assert till.tries == {f"v{at}": 1 for at in range(30)}


def test_window_closed_in_mid_send_is_followed_by_another(till, page):
    """The server may have it or not: it goes out again, the same."""
    other = till.window()
    till.holds = True
    run(page, 'await keep(visit("a")); globalThis.end = sendKept();')
    assert run(other, "await until(async () => (await allKept())[0].tries === 1); return sendKept();") == "busy"
    till.holds = False
    page.close()
    assert run(other, 'let end; await until(async () => (end = await sendKept()) !== "busy"); return end;') == "done"
    assert till.tries == {"a": 2}
    assert till.sent[0][1] == till.sent[1][1]


def test_page_keeps_sending_and_tells_how_many_wait(till, page):
    """What another window keeps goes out from here; the server is told what waits, and when nothing does any more."""
    till.says["a"] = [None, {"status": 502, **HTML}]
    other = till.window()
    run(page, "globalThis.sending = keepSending({ soonest: 50, latest: 100 });")
    run(other, 'await keep(visit("a", { kept_at: 0 }));')
    run(
        page, 'await until(async () => !(await summary()).count && (await read("facts", "reported"))?.includes(":0,"));'
    )
    run(page, "globalThis.sending.stop();")
    assert till.tries == {"a": 3}
    assert till.reports == [
        {"waiting": 1, "oldest_at": "1970-01-01T00:00:00.000Z"},
        {"waiting": 0, "oldest_at": None},
    ]


# What a till knows of itself


def test_signing_out_forgets_the_person_and_keeps_the_place(page):
    assert run(
        page,
        """const before = await recall();
        await remember({ retailer: "1", location: "2", location_name: "Midtown", person: "3", person_name: "Cass",
          has_till: true, last_server_time: 5 });
        await forgetPerson();
        return [before, await recall()];""",
    ) == [
        {},
        {
            "retailer": "1",
            "location": "2",
            "location_name": "Midtown",
            "person": None,
            "person_name": "",
            "has_till": True,
            "last_server_time": 5,
            "acting": "",
        },
    ]


def test_till_asks_once_that_nothing_be_cleared(page):
    assert run(
        page,
        """let asked = 0; navigator.storage.persist = async () => { asked += 1; return false; };
        navigator.storage.persisted = async () => false;
        await remember({ retailer: "1", has_till: false }); const before = asked;
        await remember({ retailer: "1", has_till: true }); await remember({ retailer: "1", has_till: true });
        return [before, asked];""",
    ) == [0, 1]
