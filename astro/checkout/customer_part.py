"""What this module keeps of a customer (`customers/parts.py`): visits, purchases, and what tills kept.

What was bought when, where and from whom is never edited. Whose it is follows the customer: a merge hands visits and
purchases over, which is the one thing about them that is ever written again, and a split hands them back.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from astro.checkout.exceptions.queries import exceptions_told
from astro.checkout.fields.queries import with_corrections
from astro.checkout.kept_words import named_by_till
from astro.checkout.models import (
    AnswerCorrection,
    CardPhoto,
    Correction,
    ExceptionState,
    ExceptionTicket,
    FieldAnswer,
    KeptVisit,
    LateEntry,
    PaperCard,
    Presence,
    Purchase,
    UnitVoid,
    Visit,
)
from astro.checkout.settling import forget_kept, goods_of
from astro.customers.models import Customer
from astro.customers.parts import Moved, Outline, Section
from astro.kit.gtin import display_gtin
from astro.tenancy.walls import ScopedQuerySet

FACTS = {
    "visits": Visit,
    "purchases": Purchase,
    "paper_cards": PaperCard,
    "exceptions": ExceptionTicket,
    "corrections": Correction,
}


def merge(kept: Customer, gone: Customer, *, today: date, now: datetime) -> Moved:
    """Pages that are open with `gone` are forgotten: each says in a moment again where it is."""
    moved: Moved = {}
    for name, model in FACTS.items():
        rows = model.objects.filter(customer=gone)
        moved[name] = sorted(rows.values_list("id", flat=True))
        _hand_over(rows, kept)
    others = Correction.objects.filter(other=gone)
    moved["corrections to"] = sorted(others.values_list("id", flat=True))
    ScopedQuerySet.update(others, other=kept)
    kept_visits = KeptVisit.objects.filter(customer=gone)
    moved["refused"] = sorted(kept_visits.values_list("id", flat=True))  # as merges of earlier releases call them
    kept_visits.update(customer=kept)
    Presence.objects.filter(customer=gone).delete()
    return moved


def split(kept: Customer, gone: Customer, moved: Moved, *, today: date, now: datetime) -> None:
    for name, model in FACTS.items():
        _hand_over(model.objects.filter(pk__in=moved.get(name, []), customer=kept), gone)
    others = Correction.objects.filter(pk__in=moved.get("corrections to", []), other=kept)
    ScopedQuerySet.update(others, other=gone)
    KeptVisit.objects.filter(pk__in=moved["refused"], customer=kept).update(customer=gone)


def outline(customer: Customer) -> Outline:
    visits = Visit.objects.filter(customer=customer).order_by("-day", "-id")
    count, last = visits.count(), visits.values_list("day", flat=True).first()
    if last is None:
        return [(_("Visits"), [])]
    told = ngettext("%(count)d, on %(day)s", "%(count)d, the last on %(day)s", count)
    return [(_("Visits"), [told % {"count": count, "day": date_format(last)}])]


def tell(customer: Customer) -> dict[str, Section]:
    visits = Visit.objects.filter(customer=customer).select_related("location").order_by("occurred_at", "id")
    purchases = Purchase.objects.filter(customer=customer).select_related("location").order_by("occurred_at", "id")
    voids = UnitVoid.objects.filter(purchase__customer=customer).select_related("purchase", "location")
    kept_visits = KeptVisit.objects.filter(customer=customer).select_related("location").order_by("kept_at", "id")
    answers = FieldAnswer.objects.filter(visit__customer=customer).select_related("visit").order_by("recorded_at", "id")
    corrections = Correction.objects.filter(Q(customer=customer) | Q(other=customer)).select_related("location")
    corrections = corrections.prefetch_related("undos")
    answers = with_corrections(answers)
    late = {row.visit_id: row for row in LateEntry.objects.filter(visit__customer=customer)}
    return {
        "visits": [
            {
                "moment": visit.occurred_at.isoformat(),
                "location": visit.location.name,
                "source": str(visit.get_source_display()),
                "reason": str(visit.get_reason_display()) if visit.reason else "",
                "words": visit.reason_text,
                **(_late(late[visit.pk]) if visit.pk in late else {}),
            }
            for visit in visits
        ],
        "answers at the till": [
            {
                "moment": row.visit.occurred_at.isoformat(),
                "asked at": str(row.get_asked_for_display()),
                "question": row.label,
                "answer": row.value,
                "put right to": row.corrected,
                "remark": str(row.get_flag_display()),
            }
            for row in answers
        ],
        "paper cards": [
            {
                "first day": row.first_on.isoformat(),
                "last day": row.last_on.isoformat(),
                "location": row.location.name,
                "punches": row.punches,
                "number": row.number,
                "note": row.note,
                "photo": "kept" if row.photo_id else "",
                "entered": row.entered_at.isoformat(),
            }
            for row in PaperCard.objects.filter(customer=customer).select_related("location").order_by("entered_at")
        ],
        "exceptions": [
            {
                "asked": row.asked_at.isoformat(),
                "location": row.location.name,
                "item": row.description,
                "code": display_gtin(row.gtin) if row.gtin else "",
                "quantity": row.quantity,
                "reason": str(row.get_reason_display()),
                "note": row.note,
                "state": str(ExceptionState(row.state).label),
            }
            for row in exceptions_told().filter(customer=customer).select_related("location").order_by("asked_at", "id")
        ],
        "purchases": [
            {
                "day": row.day.isoformat(),
                "location": row.location.name,
                "item": f"{row.name} {row.size}".strip(),
                "code": display_gtin(row.gtin) if row.gtin else "",
                "quantity": row.quantity,
                "price in cents": row.msrp_cents,
                "currency": row.currency,
            }
            for row in purchases
        ],
        "put right": [
            {
                "moment": row.made_at.isoformat(),
                "location": row.location.name,
                "what": str(row.get_kind_display()),
                "about": row.about,
                "why": row.note,
                "undone": bool(row.undos.all()),
            }
            for row in corrections.order_by("made_at", "id")
        ],
        "purchases taken back": [
            {
                "item": f"{row.purchase.name} {row.purchase.size}".strip(),
                "unit": row.unit,
                "day": row.day.isoformat(),
                "location": row.location.name,
            }
            for row in voids.order_by("voided_at", "id")
        ],
        "kept purchases": [
            {
                "moment": (row.occurred_at or row.kept_at).isoformat(),
                "came in": row.kept_at.isoformat(),
                "location": row.location.name,
                "why": str(row.get_why_display()),
                "named by the till": named_by_till(row),
                "answers": ", ".join(answer.value for answer in goods_of(row).answers),
                "settled": row.settled_at.isoformat() if row.settled_at else "",
                "note": row.settled_note,
            }
            for row in kept_visits
        ],
    }


def erase(customer: Customer, *, now: datetime) -> None:
    """What was bought stays, under the number; words that somebody typed beside it go, and pictures."""
    ScopedQuerySet.update(Visit.objects.filter(customer=customer).exclude(reason_text=""), reason_text="")
    visits = Visit.objects.filter(customer=customer).values("id")
    ScopedQuerySet.update(LateEntry.objects.filter(visit__in=visits), note="")
    ScopedQuerySet.update(FieldAnswer.objects.filter(visit__in=visits), value="")
    ScopedQuerySet.update(Correction.objects.filter(Q(customer=customer) | Q(other=customer)), note="")
    ScopedQuerySet.update(ExceptionTicket.objects.filter(customer=customer), note="")
    ScopedQuerySet.update(AnswerCorrection.objects.filter(answer__visit__in=visits), value="")
    papers = PaperCard.objects.filter(customer=customer)
    photos = list(papers.exclude(photo=None).values_list("photo", flat=True))
    ScopedQuerySet.update(papers, number="", note="", photo=None)
    CardPhoto.objects.filter(pk__in=photos).delete()
    forget_kept(customer)
    Presence.objects.filter(customer=customer).delete()


def _late(entry: LateEntry) -> dict[str, str]:
    return {"entered late": entry.entered_at.isoformat(), "why late": str(entry.get_why_display()), "note": entry.note}


def _hand_over(rows: Any, customer: Customer) -> None:
    """Past the guard of facts, within the wall."""
    ScopedQuerySet.update(rows, customer=customer)
