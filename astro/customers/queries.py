"""Finding customers. Living ones only, of the current retailer only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Case, Q, QuerySet, Value, When

from astro.customers.details import fold_email
from astro.customers.fragments import ids_holding
from astro.customers.look_up import Question, ask, sort_name
from astro.customers.models import SORT_NAME_LENGTH, Customer, CustomerCode
from astro.kit.codes import read_code
from astro.kit.folding import fold
from astro.tenancy import current
from astro.tenancy.models import Location


def living() -> QuerySet[Customer]:
    """Everyone who was not retired."""
    rows: QuerySet[Customer] = Customer.objects.filter(retired_at__isnull=True)
    return rows


def customers_matching(text: str, *, limit: int, at: Location | None = None) -> list[Customer]:
    """Whom a cashier may mean by what was typed or scanned, the likeliest first.

    A code of ours finds its customer alone. Else: phones that end so, names that begin so, any other place; among
    equals the one seen last at `at`. Asks inside a transaction on PostgreSQL (every request is in one).
    """
    owner = customer_by_code(text)
    if owner is not None:
        return [owner]
    question = ask(text)
    if question is None:
        return []
    found = ids_matching(question, limit=limit, at=at)
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
    """Whose card, app or old card this code is on; typed by hand it may have spaces, small letters, O for 0."""
    typed = text.strip()
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


@dataclass(frozen=True)
class Lookalike:
    """A customer who may be the one that is being added, and what they have in common: phone, email or name."""

    customer: Customer
    shares: str


def lookalikes(*, first_name: str, last_name: str, phone: str, email: str, limit: int) -> list[Lookalike]:
    """Who has this phone (E.164), e-mail or name already; the surest first."""
    folded, name = fold_email(email), sort_name(first_name=first_name, last_name=last_name, length=SORT_NAME_LENGTH)
    same = {}
    if phone:
        same["phone"] = Q(phone=phone)
    if folded:
        same["email"] = Q(email_folded=folded)
    if fold(first_name) and fold(last_name):
        same["name"] = Q(sort_name=name)
    if not same:
        return []
    shares = Case(*(When(alike, then=Value(what)) for what, alike in same.items()))
    surest = Case(*(When(alike, then=Value(place)) for place, alike in enumerate(same.values())))
    rows = living().filter(reduce(or_, same.values())).annotate(shares=shares)
    return [Lookalike(one, one.shares) for one in rows.order_by(surest, "-created_at", "id")[:limit]]
