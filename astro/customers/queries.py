"""Finding customers. Living ones only, of the current retailer only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from astro.customers.details import NAME_LENGTH, fold_email
from astro.customers.errors import Gone
from astro.customers.fragments import MOST_CANDIDATES, ids_holding
from astro.customers.look_up import Question, ask, sort_name
from astro.customers.models import (
    NUMBER_LENGTH,
    SORT_NAME_LENGTH,
    AccountRules,
    BreederNumber,
    Customer,
    CustomerCode,
    Kind,
    KindSpan,
    Merge,
    Tag,
)
from astro.customers.similar import ALIKE, alikeness, blocks
from astro.kit.codes import read_code
from astro.kit.folding import fold
from astro.kit.ids import MAX_ID
from astro.tenancy import current
from astro.tenancy.models import Location

MOST_SIMILAR = 5
ASTRO_ID_DIGITS = 16  # more than any phone or barcode has


def living() -> QuerySet[Customer]:
    """Everyone who was not retired."""
    rows: QuerySet[Customer] = Customer.objects.filter(retired_at__isnull=True)
    return rows


def living_or_kept(customer_id: int) -> Customer | None:
    """This customer, or whom the account was merged into; None for one who is not there any more."""
    if customer_id > MAX_ID:  # an address may hold any number, SQLite may not
        return None
    customer: Customer | None = Customer.objects.filter(pk=customer_id).first()
    while customer is not None and customer.retired_at is not None:
        merge = Merge.objects.filter(gone=customer, split_at__isnull=True).select_related("kept").first()
        customer = merge.kept if merge else None
    return customer


def accounts_in(customer: Customer) -> list[Customer]:
    """This account, and all that were merged into it and into those; its own one first."""
    found = [customer]
    for one in found:
        found += [merge.gone for merge in Merge.objects.filter(kept=one, split_at__isnull=True).select_related("gone")]
    return found


def merges_to_split(customer: Customer, *, now: datetime) -> QuerySet[Merge]:
    """Which accounts can be split from this one again, the latest first."""
    rows: QuerySet[Merge] = Merge.objects.filter(kept=customer, split_at__isnull=True, split_until__gte=now)
    return rows.select_related("gone", "by").order_by("-merged_at", "-id")


def refuse_removed(customer_id: int) -> None:
    """Raises `Gone` where there was such a customer and is no more; it names whom the account was merged into."""
    if customer_id > MAX_ID:
        return
    was: Customer | None = Customer.objects.filter(pk=customer_id, retired_at__isnull=False).first()
    if was is not None:
        raise Gone(was, into=living_or_kept(customer_id))


def tags_in_use() -> QuerySet[Tag]:
    """The store's tags that can be given, by name."""
    rows: QuerySet[Tag] = Tag.objects.filter(archived_at__isnull=True)
    return rows


def customers_matching(text: str, *, limit: int, at: Location | None = None) -> list[Customer]:
    """Whom a cashier may mean by what was typed or scanned, the likeliest first.

    A code of ours finds its customer alone. Else: whose breeder number or Employee ID it is, which has a digit or finds
    nobody by name; phones that end so, names that begin so, any other place; among equals the one seen last at `at`.
    Asks inside a transaction on PostgreSQL (every request is in one).
    """
    owner = customer_by_code(text)
    if owner is not None:
        return [owner]
    question = ask(text)
    found = _ids_numbered(text) if any(map(str.isdigit, text)) else []
    if question is not None:
        found = list(dict.fromkeys([*found, *ids_matching(question, limit=limit, at=at)]))[:limit]
    found = found or _ids_numbered(text)
    if not found:
        return []
    rows = living().order_by().in_bulk(found)  # ordered, SQLite would walk everybody by name
    return [rows[found_id] for found_id in found if found_id in rows]  # less who was retired just now


def ids_matching(
    question: Question, *, limit: int, at: Location | None = None, only_at: Location | None = None
) -> list[int]:
    """The ids alone, in the order of `customers_matching`; with `only_at`, of customers that this location has met.

    Behind the wall of PostgreSQL the trigram index cannot be used (100 times slower), so this step stands outside it,
    with the retailer in each condition, and hands out ids only.
    """
    retailer_id = current.current_retailer_id()
    if retailer_id is None:
        raise current.NoRetailer("Customers belong to a retailer.")
    found: dict[int, None] = {}
    with current.across_retailers("look-up by fragment: the trigram index does not work behind the wall"):
        for fragments in question.tiers:
            answer = ids_holding(
                fragments,
                retailer_id=retailer_id,
                seen_at=at.pk if at else None,
                only_at=only_at.pk if only_at else None,
                limit=limit,
            )
            found |= dict.fromkeys(answer)
            if len(found) >= limit:
                break
    return list(found)[:limit]


def customer_by_code(text: str) -> Customer | None:
    """Whose card, app or old card this code is on; typed by hand it may have spaces, small letters, O for 0. An Astro
    ID is a code too; that of an account which was merged leads to the one that was kept."""
    typed = text.strip()
    if typed.isascii() and typed.isdigit() and len(typed) >= ASTRO_ID_DIGITS and int(typed) <= MAX_ID:
        return living_or_kept(int(typed))
    ours = read_code(typed)
    if ours is None and not (typed[:1].isalpha() and any(map(str.isdigit, typed)) and typed.isprintable()):
        return None
    codes = {ours or typed, typed}
    row = (
        CustomerCode.objects.filter(code__in=codes, ended_at__isnull=True, customer__retired_at__isnull=True)
        .select_related("customer")
        .first()
    )
    return row.customer if row else None


@dataclass(frozen=True, slots=True)
class KindOn:
    """What a customer was on a day; `numbered_by`: the brands, by id, whose breeder number they had."""

    kind: str
    numbered_by: frozenset[int]


def kind_on(customer: Customer, *, day: date) -> KindOn:
    """By the spans of that day: what was said last counts. Two queries."""
    counting = Q(from_on__lte=day) & (Q(until_on__isnull=True) | Q(until_on__gte=day))
    spans = KindSpan.objects.filter(counting, customer=customer).order_by("-from_on", "-id")
    numbers = BreederNumber.objects.filter(counting, customer=customer)
    kind = spans.values_list("kind", flat=True).first()
    return KindOn(kind or Kind.PET_OWNER, frozenset(numbers.values_list("brand_id", flat=True)))


def breeder_numbers(customer: Customer) -> QuerySet[BreederNumber]:
    """Those that run, by the brand's name."""
    rows: QuerySet[BreederNumber] = BreederNumber.objects.filter(customer=customer, until_on__isnull=True)
    return rows.select_related("brand").order_by("brand__name", "id")


def employee_id_of(customer: Customer) -> str:
    """Under which an employee runs now; "" for everybody else."""
    rows = KindSpan.objects.filter(customer=customer, until_on__isnull=True)
    return rows.values_list("employee_id", flat=True).first() or ""


@dataclass(frozen=True)
class Lookalike:
    """A customer who may be the one that is being added, and what they have in common: phone, email, name, or `similar`
    for a name that is nearly the same."""

    customer: Customer
    shares: str


def lookalikes(*, first_name: str, last_name: str, phone: str, email: str, limit: int) -> list[Lookalike]:
    """Who has this phone (E.164), e-mail or name already, and then whose name is very similar; the surest first.

    Never more than nine questions to the database, inside a transaction on PostgreSQL, as in `customers_matching`.
    """
    if max(len(first_name), len(last_name)) > NAME_LENGTH:  # too long to be kept, and to be folded in good time
        first_name = last_name = ""
    found = _who_shares(first_name=first_name, last_name=last_name, phone=phone, email=email)
    known = {one.customer.pk for one in found}
    similar = [one for one in _named_like(first_name=first_name, last_name=last_name) if one.pk not in known]
    return [*found, *(Lookalike(one, "similar") for one in similar)][:limit]


def namesake(*, first_name: str, last_name: str) -> Customer | None:
    """The customer added last who has exactly this name, case and accents aside."""
    return next(iter(_newest_first(_named(first_name=first_name, last_name=last_name))), None)


def account_rules() -> AccountRules:
    """What the current retailer asks of new accounts; unsaved defaults where it has not said."""
    rules: AccountRules | None = AccountRules.objects.first()
    return rules or AccountRules()


def _ids_numbered(text: str) -> list[int]:
    """Whose breeder number or Employee ID this is, in one question; a number of two brands may be two people's."""
    folded = " ".join(text.split()).casefold()
    if not folded or len(folded) > NUMBER_LENGTH or not folded.isprintable():
        return []
    living = {"until_on__isnull": True, "customer__retired_at__isnull": True}
    breeders = BreederNumber.objects.filter(number_folded=folded, **living).order_by()
    employees = KindSpan.objects.filter(employee_id_folded=folded, **living).order_by()
    found = breeders.values_list("customer_id", flat=True).union(employees.values_list("customer_id", flat=True))
    return sorted(found)


def _who_shares(*, first_name: str, last_name: str, phone: str, email: str) -> list[Lookalike]:
    """A question each, because of one with "or" in it SQLite would walk everybody."""
    same: dict[str, QuerySet[Customer]] = {}
    if phone:
        same["phone"] = living().filter(phone=phone)
    if folded := fold_email(email):
        same["email"] = living().filter(email_folded=folded)
    if fold(first_name) and fold(last_name):
        same["name"] = _named(first_name=first_name, last_name=last_name)
    found: dict[int, Lookalike] = {}
    for shares, rows in same.items():
        for one in _newest_first(rows):
            found.setdefault(one.pk, Lookalike(one, shares))
    return list(found.values())


def _named(*, first_name: str, last_name: str) -> QuerySet[Customer]:
    name = sort_name(first_name=first_name, last_name=last_name, length=SORT_NAME_LENGTH)
    return living().filter(sort_name=name)


def _newest_first(rows: QuerySet[Customer]) -> list[Customer]:
    """Sorted here, because to have them in order SQLite would walk everybody."""
    return sorted(rows.order_by()[:MOST_CANDIDATES], key=lambda one: (one.created_at, one.pk), reverse=True)


def _named_like(*, first_name: str, last_name: str) -> list[Customer]:
    """Whose name is very similar, the likest first. Only those are compared whom `similar.blocks` lets in."""
    typed = (first_name, last_name)
    questions = [Question((fragments,)) for fragments in blocks(first_name=first_name, last_name=last_name)]
    ids = {one for question in questions for one in ids_matching(question, limit=MOST_CANDIDATES)}
    if not ids:
        return []
    names = living().order_by().filter(pk__in=ids).values_list("pk", "first_name", "last_name")
    alike = {pk: alikeness(typed, (first, last)) for pk, first, last in names}
    likest = sorted((pk for pk in alike if alike[pk] >= ALIKE), key=lambda pk: (-alike[pk], pk))[:MOST_SIMILAR]
    rows = living().order_by().in_bulk(likest) if likest else {}
    return [rows[pk] for pk in likest if pk in rows]
