"""The second screen as a cashier uses it: a real browser, the real server, a scanner that types."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import expect

from astro.cards.models import Punch, Redemption, Reward
from astro.catalog.models import Product
from astro.checkout.models import Purchase
from astro.customers.actions import give_code
from astro.customers.models import Address, Customer
from astro.programs.actions import NewCard
from astro.programs.rules import RuleOfCard
from tests import cast
from tests.cast import NOW, inside, platform
from tests.checkout import buying
from tests.checkout.scanner import at_till, boxes, enter, scan, scan_into
from tests.kit.axe import SIZES, faults, findings_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GOLD = "012345678905"
LAMB = "036000291452"
SENIOR = "4006381333931"
ROPE = "614141000036"
UNKNOWN = "614141000043"
ACORN = "614141000050"


@pytest.fixture
def shelf(midtown, cashier):
    """Northpaw's large bags (buy two), and a toy in no program."""
    brand = cast.make_brand(name="Northpaw")
    bags = [
        cast.make_product(name=f"Northpaw {name}", size="30 lb", gtins=[code], prices={"USD": cents}, brand=brand)
        for name, code, cents in [("Gold", GOLD, 6499), ("Lamb", LAMB, 4299), ("Senior", SENIOR, 7299)]
    ]
    card = NewCard("Dry Dog, large bags", RuleOfCard(2, 1, "any", "lesser_or_equal"), bags)
    cast.make_enrollment(midtown, program=cast.make_program(title="Northpaw", brand=brand, cards=[card]), by=cashier)
    cast.make_product(name="Rope toy", size="", gtins=[ROPE])


@pytest.fixture
def sally(huxley, midtown):
    with inside(huxley):
        return cast.make_customer(at=midtown, first_name="Sally", last_name="Shopper")


@pytest.fixture
def till(page, sally):
    return at_till(page, sally)


def buy(page, *codes):
    for code in codes:
        before = page.locator("[data-part=count]").inner_text()
        scan(page, code)
        expect(page.locator("[data-part=count]")).not_to_have_text(before)


def check_out(page):
    """To the second screen, past the question why several of one card were bought."""
    page.get_by_role("button", name="Check out").click()
    page.wait_for_selector("#redemption, dialog[open]")
    if page.locator("dialog[open]").count():
        page.locator("dialog[open] .choice").first.click()
        page.locator("dialog[open] footer button[type=submit], dialog[open] footer .button").first.click()
    page.wait_for_selector("#redemption")
    seen(page)


def seen(page):
    """A person sees the screen before they press anything on it."""
    page.wait_for_selector("astro-redemption[data-seen]")


@pytest.fixture
def earned(shelf, midtown, sally):
    """A card that an earlier visit filled, with its reward kept."""
    with platform("test"):
        gold = Product.objects.get(name="Northpaw Gold")
    buying.buy(sally, gold, 2, at=midtown)


def said(page):
    """The line of the second screen; the till's own is hidden beneath it."""
    return page.locator("astro-redemption [data-part=said]")


def redeem(page):
    return page.get_by_role("button", name=re.compile(r"^Redeem (and finish|\d)"))


def fill_and_pick(page):
    """A card is filled, and one more Gold picked as its free item."""
    buy(page, GOLD, GOLD)
    check_out(page)
    choice(page, "Northpaw Gold").click()


def choice(page, name):
    return page.locator(".redeem-group .choice", has_text=name).first


def picked(page):
    return page.locator("[data-part=picked]")


def redemptions(huxley):
    with inside(huxley):
        return sorted(Redemption.objects.values_list("name", "is_live", "taken_unit"))


def count_taps(page):
    """Counts what a person presses from now on: pointers on the screen, and keys that are no scan's."""
    page.evaluate("() => { window.taps = 0; window.addEventListener('pointerdown', () => window.taps++, true); }")


def test_a_reward_takes_two_taps_more_than_check_out(earned, till, huxley):
    buy(till, ROPE)
    count_taps(till)
    till.get_by_role("button", name="Check out").click()
    till.wait_for_selector("#redemption")
    seen(till)
    choice(till, "Northpaw Gold").click()
    redeem(till).click()
    expect(till.locator("#finished")).to_contain_text("Ring Northpaw Gold 30 lb at $0.00 in your POS")
    assert till.evaluate("window.taps") == 1 + 2
    assert redemptions(huxley) == [("Northpaw Gold", True, None)]


def test_a_reward_takes_one_scan_and_one_tap_more_than_check_out(earned, till, huxley):
    buy(till, ROPE)
    count_taps(till)
    till.get_by_role("button", name="Check out").click()
    till.wait_for_selector("#redemption")
    seen(till)
    scan(till, LAMB)
    expect(said(till)).to_have_text("Northpaw Lamb 30 lb is the free item.")
    redeem(till).click()
    expect(till.locator("#finished")).to_contain_text("Ring Northpaw Lamb 30 lb at $0.00 in your POS")
    assert till.evaluate("window.taps") == 1 + 1


def test_the_scanned_bag_is_picked_and_counts_once(earned, till, huxley):
    buy(till, GOLD)
    check_out(till)
    expect(picked(till)).to_have_text("Northpaw Gold 30 lb")
    expect(choice(till, "Northpaw Gold")).to_contain_text("in today's basket")
    expect(till.get_by_label("The scanned one.")).to_be_checked()
    till.keyboard.press("Control+Enter")
    expect(till.locator("#finished")).to_contain_text("0 punches added.")
    expect(till.locator("#finished")).not_to_contain_text("another one, besides")
    actions, line = boxes(till, "#finished .actions", "#finished .today-line strong")
    assert actions["left"] == line["left"]
    expect(till.locator("#finished")).to_contain_text("counted once, as the free one")
    assert redemptions(huxley) == [("Northpaw Gold", True, 1)]


def test_the_scanned_bag_can_stay_a_purchase(earned, till, huxley):
    buy(till, GOLD)
    check_out(till)
    till.get_by_text("Another one. The scanned one stays a purchase.").click()
    redeem(till).click()
    expect(till.locator("#finished")).to_contain_text("1 punch added.")
    assert redemptions(huxley) == [("Northpaw Gold", True, None)]


def test_where_the_card_needs_the_scanned_bag_nothing_is_picked_and_another_is_handed_out(till, huxley):
    """Whoever only presses the button must not give away the bag that is being paid for."""
    buy(till, GOLD, GOLD)
    check_out(till)
    expect(picked(till)).to_have_text("Not picked yet")
    expect(said(till)).to_have_text("Scan the free item, or pick it.")
    warning = till.get_by_text("The card needs what was scanned today, so that is paid for.")
    expect(warning).to_be_visible()
    top = "one => one.getBoundingClientRect().top"
    assert warning.evaluate(top) < choice(till, "Northpaw Gold").evaluate(top)
    expect(choice(till, "Northpaw Gold")).to_contain_text("in today's basket, and paid for")
    redeem(till).click()
    expect(said(till)).to_contain_text("Pick the free item or scan it, then redeem.")
    scan(till, GOLD)
    expect(said(till)).to_have_text(
        "Northpaw Gold 30 lb is the free item: hand out another one. The one that was scanned is paid for."
    )
    expect(till.get_by_label("The scanned one.")).to_be_hidden()
    redeem(till).click()
    expect(till.locator("#finished .reward-band")).to_contain_text("another one, besides what was bought")
    assert redemptions(huxley) == [("Northpaw Gold", True, None)]


def test_nothing_is_picked_that_was_not_scanned_and_the_button_says_what_to_do(earned, till, huxley, sally):
    till.goto(f"/checkout/{sally.pk}/redeem/")
    seen(till)
    expect(picked(till)).to_have_text("Not picked yet")
    redeem(till).click()
    expect(said(till)).to_have_text("Pick the free item or scan it, then redeem. Or keep the reward for next time.")
    expect(till.locator(".redeem-group input").first).to_be_focused()
    till.keyboard.press("ArrowDown")
    expect(picked(till)).to_have_text("Northpaw Lamb 30 lb")
    till.keyboard.press("F4")
    till.wait_for_selector("#finished")
    assert redemptions(huxley) == [("Northpaw Lamb", True, None)]


def test_a_second_tap_on_check_out_redeems_nothing(earned, till, huxley):
    buy(till, GOLD)
    [button] = boxes(till, "[data-part=check-out]")
    till.get_by_role("button", name="Check out").click()
    till.wait_for_selector("#redemption")
    till.wait_for_selector("astro-redemption[data-seen]")
    box = redeem(till).evaluate("one => one.getBoundingClientRect().toJSON()")
    assert (box["x"], box["y"], box["height"]) == (button["x"], button["y"], button["height"])
    till.evaluate(  # as it is in its first moment, which a busy machine may let pass between two questions
        """({ x, y }) => {
          delete document.querySelector("astro-redemption").dataset.seen;
          document.elementFromPoint(x + 20, y + 20).click();
        }""",
        button,
    )
    till.wait_for_timeout(500)
    expect(redeem(till)).to_be_visible()
    assert redemptions(huxley) == []


def test_what_is_scanned_here_is_told_in_the_line(till, huxley, sally):
    with inside(huxley):
        code = give_code(sally, now=NOW).code
    buy(till, GOLD, GOLD)
    check_out(till)
    for scanned, told in [
        (SENIOR, "Northpaw Senior 30 lb: "),
        (ROPE, "Rope toy is on no card that earned a reward. Pick one of the items shown."),
        (UNKNOWN, "We don't know 6 14141 00004 3. Scan another, or pick the item from the list."),
        ("012345678906", "012345678906 was misread or mistyped. Scan it again, or pick the item."),
        (code, "That is a customer card. Finish with Sally first."),
    ]:
        scan(till, scanned)
        expect(said(till)).to_contain_text(told)
    expect(till.locator("details[open] .refused")).to_contain_text("more ($72.99) than the cheapest on the card")
    till.wait_for_timeout(400)  # a slash among a scanner's keys is none of ours
    till.keyboard.press("/")
    expect(till.locator("#free-scan")).to_be_focused()
    till.keyboard.type("lamb", delay=80)
    enter(till)
    expect(picked(till)).to_have_text("Northpaw Lamb 30 lb")
    till.keyboard.press("F9")
    expect(picked(till)).to_have_text("Not picked yet")


def test_several_rewards_each_have_their_own_item(till, huxley):
    buy(till, GOLD, GOLD, LAMB, LAMB)
    check_out(till)
    expect(till.locator("#redemption-title")).to_have_text("Sally has 2 rewards")
    expect(till.get_by_role("button", name="Keep all for next time")).to_be_visible()
    expect(redeem(till)).to_contain_text("Redeem and finish")
    scan(till, LAMB)
    expect(till.locator("[data-part=count]")).to_have_text("1 of 2 picked")
    expect(redeem(till)).to_contain_text("Redeem 1, keep 1")
    till.locator(".redeem-group").last.locator(".choice", has_text="Northpaw").first.click()
    expect(redeem(till)).to_contain_text("Redeem and finish")
    till.locator(".redeem-group").last.get_by_text("Keep this reward for next time").click()
    expect(redeem(till)).to_contain_text("Redeem 1, keep 1")
    redeem(till).click()
    expect(till.locator("#finished")).to_contain_text("1 reward is kept for next time.")
    assert len(redemptions(huxley)) == 1


def test_codes_left_out_are_told_again_after_a_reload(till):
    told = "6 14141 00004 3 was not recorded, because we don't know it."
    buy(till, GOLD, UNKNOWN, GOLD)
    check_out(till)
    expect(said(till)).to_have_text(told)
    till.reload()
    seen(till)
    expect(said(till)).to_have_text(told)


def test_the_second_screen_never_stands_without_its_styles(till):
    """They are not in the till's own sheets: they come with the screen, and it waits for them."""
    till.route("**/choosing.css", lambda route: (till.wait_for_timeout(400), route.continue_()))
    till.evaluate(
        """() => new MutationObserver((changes, observer) => {
          const ways = document.querySelector(".redeem-ways");
          if (!ways) return;
          window.firstDisplay = getComputedStyle(ways).display;
          observer.disconnect();
        }).observe(document.body, { childList: true, subtree: true })"""
    )
    buy(till, GOLD, GOLD)
    check_out(till)
    assert till.evaluate("window.firstDisplay") == "flex"


def on_screen(locator):
    """Whether all of it is seen: nothing lies over its edges, and none of them is off the screen."""
    return locator.evaluate(
        """one => {
          const { left, right, top, bottom } = one.getBoundingClientRect();
          const at = (x, y) => one.contains(document.elementFromPoint(x, y)) || document.elementFromPoint(x, y) === one;
          const middle = (left + right) / 2;
          return at(middle, top + 4) && at(middle, bottom - 4) && left >= 0 && right <= innerWidth;
        }"""
    )


def test_on_a_phone_five_choices_and_what_is_picked_are_in_sight(till):
    till.set_viewport_size({"width": 390, "height": 844})
    buy(till, GOLD, GOLD, LAMB, LAMB)
    check_out(till)
    first = till.locator(".redeem-group").first.locator("> .choices > .choice")
    assert all(on_screen(one) for one in first.all())
    places = first.evaluate_all("all => all.map((one) => one.getBoundingClientRect().toJSON())")
    assert min(place["height"] for place in places) >= 48
    [footer] = boxes(till, ".today > footer")
    assert footer["top"] - places[0]["top"] >= 5 * (48 + 8), "five choices in a row"
    summary = till.locator("[data-part=summary]")
    expect(summary).to_have_text("0 of 2 picked")
    first.filter(has_text="Northpaw Lamb").click()
    expect(summary).to_have_text("1 of 2 picked: Northpaw Lamb 30 lb")
    assert on_screen(summary)
    till.set_viewport_size({"width": 1280, "height": 800})
    expect(summary).to_be_hidden()


def text_boxes(locator):
    """Where its words stand, a box for each line."""
    return locator.evaluate(
        """one => {
          const words = document.createRange();
          words.selectNodeContents(one);
          return [...words.getClientRects()].map((box) => box.toJSON());
        }"""
    )


def test_no_way_out_takes_two_lines_and_quantities_stand_under_the_count(till):
    buy(till, GOLD, GOLD, LAMB, LAMB)
    check_out(till)
    for device, (width, height) in SIZES.items():
        till.set_viewport_size({"width": width, "height": height})
        for way in till.locator(".redeem-ways > *").all():
            assert len({box["top"] for box in text_boxes(way)}) == 1, device
            assert on_screen(way), device
        places = ("[data-part=count]", ".is-recorded .number")
        count, number = (text_boxes(till.locator(place).first) for place in places)
        assert round(count[0]["right"]) == round(number[0]["right"]), device


def test_escape_goes_back_to_the_till_and_what_was_bought_stands(till, huxley, sally):
    buy(till, GOLD, GOLD)
    check_out(till)
    till.keyboard.press("Escape")
    till.wait_for_url(f"**/checkout/{sally.pk}/")
    expect(till.locator("#band")).to_contain_text("Sally has a free item")
    with inside(huxley):
        assert Purchase.objects.count() == 1


def test_back_to_the_basket_takes_the_visit_back_in_one_tap(till, huxley, sally):
    buy(till, GOLD, UNKNOWN, GOLD)
    check_out(till)
    till.get_by_role("button", name="Back to the basket").click()
    till.wait_for_url(f"**/checkout/{sally.pk}/")
    expect(till.locator(".today-line", has_text="Northpaw Gold").locator("output")).to_have_text("2")
    expect(till.locator(".today-line", has_text="6 14141 00004 3")).to_be_visible()
    with inside(huxley):
        assert Punch.objects.filter(state="live").count() == 0
        assert Reward.objects.get().state == "withdrawn"
    till.go_back()
    expect(till).not_to_have_url(re.compile("redeem"))


def test_reload_and_back_never_sell_twice(till, huxley, sally):
    fill_and_pick(till)
    expect(till).to_have_url(re.compile(r"/redeem/\?visit="))
    till.reload()
    seen(till)
    choice(till, "Northpaw Gold").click()
    redeem(till).click()
    till.wait_for_selector("#finished")
    till.keyboard.press("Control+Enter")
    till.wait_for_url("**/checkout/")
    till.go_back()
    expect(till.locator("#finished")).to_contain_text("at $0.00 in your POS")
    expect(redeem(till)).to_have_count(0)
    assert redemptions(huxley) == [("Northpaw Gold", True, None)]


def test_two_tabs_the_second_is_told_that_it_is_finished(context, till, huxley):
    fill_and_pick(till)
    other = context.new_page()
    other.goto(till.url)
    seen(other)
    redeem(till).click()
    till.wait_for_selector("#finished")
    choice(other, "Northpaw Lamb").click()
    redeem(other).click()
    expect(said(other)).to_have_text("This visit was finished already. Look at it before you hand anything out.")
    other.get_by_role("link", name="Go on").click()
    expect(other.locator("#finished")).to_contain_text("Ring Northpaw Gold 30 lb at $0.00 in your POS")
    assert redemptions(huxley) == [("Northpaw Gold", True, None)]


def test_an_answer_that_is_lost_counts_once(till, huxley):
    """The server handed it out, and the till never heard of it: the same key and the same words go again."""
    fill_and_pick(till)
    sent = []

    def lose(route):
        sent.append(route.request.post_data)
        route.fetch()
        route.abort()

    till.route("**/finish/", lose)
    redeem(till).click()
    expect(said(till)).to_have_text("Astro did not answer. Trying again cannot count twice.")
    expect(till.locator(".redeem-group input").first).to_be_disabled()
    till.unroute("**/finish/")
    till.route("**/finish/", lambda route: (sent.append(route.request.post_data), route.continue_()))
    till.get_by_role("button", name="Try again").click()
    expect(till.locator("#finished")).to_contain_text("at $0.00 in your POS")
    assert sent[0] == sent[1]
    assert redemptions(huxley) == [("Northpaw Gold", True, None)]


def test_without_network_it_stays_and_says_so_and_a_reload_sends_it_again(till, huxley):
    buy(till, GOLD, GOLD)
    check_out(till)
    till.route("**/finish/", lambda route: route.abort())
    choice(till, "Northpaw Lamb").click()
    redeem(till).click()
    expect(said(till)).to_contain_text("Astro did not answer")
    till.unroute("**/finish/")
    till.reload()
    expect(till.locator("#finished")).to_contain_text("Ring Northpaw Lamb 30 lb at $0.00 in your POS")
    assert redemptions(huxley) == [("Northpaw Lamb", True, None)]


def test_offline_nothing_is_sent_and_nothing_leads_away(context, till, huxley):
    told = "No connection. Stay on this page and try again when it is back: nothing is lost."
    fill_and_pick(till)
    address = till.url
    context.set_offline(True)
    redeem(till).click()
    expect(said(till)).to_have_text(told)
    for name in ("Keep for next time", "Back to the basket"):
        till.evaluate("document.querySelector('astro-redemption').say('', '')")
        till.get_by_role("button", name=name).click()
        expect(said(till)).to_have_text(told)
    for key in ("Escape", "F2", "F8"):
        till.evaluate("document.querySelector('astro-redemption').say('', '')")
        till.keyboard.press(key)
        expect(said(till)).to_have_text(told)
    assert till.url == address
    context.set_offline(False)
    redeem(till).click()
    till.wait_for_selector("#finished")
    assert len(redemptions(huxley)) == 1


def test_a_session_that_ended_loses_nothing(context, till, huxley):
    fill_and_pick(till)
    session = next(one for one in context.cookies() if one["name"] == settings.SESSION_COOKIE_NAME)
    context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    redeem(till).click()
    expect(said(till)).to_contain_text("You were signed out. What you picked is kept")
    context.add_cookies([session])
    till.get_by_role("link", name="Go on").click()
    expect(till.locator("#finished")).to_contain_text("at $0.00 in your POS")
    assert len(redemptions(huxley)) == 1


def test_email_and_address_are_asked_with_the_item_that_needs_them(till, huxley, midtown, cashier):
    bag = cast.make_product(name="Acorn Duck", gtins=[ACORN])
    brand = cast.make_brand(name="Acorn")
    program = cast.make_program(
        brand=brand, cards=[NewCard("Duck", RuleOfCard(1), [bag])], requires_email=True, requires_address=True
    )
    cast.make_enrollment(midtown, program=program, by=cashier)
    till.reload()
    till.evaluate("document.querySelector('astro-till').turn")
    till.evaluate("document.querySelector('astro-till').catalogue.refresh()")
    buy(till, ACORN)
    check_out(till)
    email = till.get_by_label("Acorn asks for an e-mail address.")
    expect(email).to_be_hidden()
    choice(till, "Acorn Duck").click()
    expect(email).to_be_visible()
    redeem(till).click()
    expect(said(till)).to_have_text("Fill in what is missing, or keep the reward for next time.")
    expect(email).to_be_focused()
    expect(till.locator("[data-asked] .error")).to_have_count(4)
    email.fill("sally@")
    for label, typed in [("Postcode", "59901"), ("Street and number", "1 Main St"), ("City", "Kalispell")]:
        till.get_by_label(label).fill(typed)
    redeem(till).click()
    expect(till.locator("[data-asked] .error")).to_have_text(
        "Error: This is not a whole e-mail address. It looks like name@example.com."
    )
    assert findings_everywhere(till) == {}
    email.fill("sally@example.com")
    scan_into(till, "#asked-email", ROPE)
    expect(said(till)).to_contain_text("Rope toy is on no card")
    expect(email).to_have_value("sally@example.com")
    till.wait_for_timeout(600)  # a second Enter right after a scan is the scanner's
    email.press("Enter")
    till.wait_for_selector("#finished")
    with inside(huxley):
        assert Customer.objects.get().email == "sally@example.com"
        assert Address.objects.get().postcode == "59901"


def test_undo_after_finished_takes_two_taps(till, huxley, sally):
    fill_and_pick(till)
    redeem(till).click()
    till.wait_for_selector("#finished")
    count_taps(till)
    till.get_by_role("button", name="Undo").click()
    till.evaluate("sessionStorage.setItem('taps', window.taps + 1)")
    till.get_by_role("button", name="Take it all back").click()
    till.wait_for_url(f"**/checkout/{sally.pk}/")
    assert till.evaluate("sessionStorage.getItem('taps')") == "2"
    with inside(huxley):
        assert not Redemption.objects.get().is_live
        assert Punch.objects.filter(state="live").count() == 0


def test_paper_shows_the_receipt_and_nothing_else(till):
    buy(till, GOLD, GOLD, ROPE)
    check_out(till)
    choice(till, "Northpaw Gold").click()
    redeem(till).click()
    till.wait_for_selector("#finished")
    expect(till.locator(".receipt")).to_have_count(0)
    for _ in range(2):  # some browsers say so twice
        till.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    till.emulate_media(media="print")
    expect(till.locator(".receipt")).to_have_count(1)
    expect(till.locator(".receipt")).to_be_visible()
    expect(till.locator("#finished")).to_be_hidden()
    expect(till.locator(".bar")).to_be_hidden()
    receipt = till.locator(".receipt")
    for words in ("Huxley House", "Northpaw Gold 30 lb", "free", "Rope toy", "redeemed, 2 of 2"):
        expect(receipt).to_contain_text(words)
    sizes = till.evaluate(
        "[...document.querySelectorAll('.receipt *')].map((one) => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert min(sizes) >= 9 * 96 / 72 - 0.01
    assert boxes(till, ".receipt")[0]["width"] == pytest.approx(72 / 25.4 * 96, abs=1)
    till.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(till.locator(".receipt")).to_have_count(0)


def test_offline_finished_stays_where_it_is(context, till, huxley):
    fill_and_pick(till)
    redeem(till).click()
    till.wait_for_selector("#finished")
    context.set_offline(True)
    for leave in (
        lambda: till.get_by_role("link", name="Next customer").click(),
        lambda: till.keyboard.press("Escape"),
    ):
        leave()
        expect(said(till)).to_contain_text("No connection. Stay on this page")
    expect(till.locator("#finished")).to_contain_text("at $0.00 in your POS")
    context.set_offline(False)


def test_the_next_customers_card_is_scanned_from_finished(till, huxley, midtown):
    with inside(huxley):
        ben = cast.make_customer(at=midtown, first_name="Ben", last_name="Ortiz")
        code = give_code(ben, now=NOW).code
    fill_and_pick(till)
    redeem(till).click()
    till.wait_for_selector("#finished")
    scan(till, GOLD)
    expect(said(till)).to_have_text("Sally is finished. Scan the next customer's card.")
    scan(till, code)
    expect(till.get_by_role("heading", level=1)).to_have_text("Ben Ortiz")


def test_nothing_moves_from_the_till_to_the_second_screen(till):
    def places():
        return [box["top"] for box in boxes(till, ".till-customer h1", ".scan", ".scan-line", ".till-today")]

    buy(till, GOLD, GOLD)
    before = places()
    check_out(till)
    assert places() == before


def test_axe_finds_nothing_and_nothing_scrolls_sideways(till, sally):
    buy(till, GOLD, GOLD, LAMB, LAMB)
    check_out(till)
    for details in till.locator("details summary").all():
        details.click()
    assert faults(till) == {}
    choice(till, "Northpaw Lamb").click()
    redeem(till).click()
    till.wait_for_selector("#finished")
    assert faults(till) == {}
    till.reload()
    assert findings_everywhere(till) == {}
    till.goto(f"/checkout/{sally.pk}/redeem/")
    assert findings_everywhere(till) == {}
