"""The lists of programs, the page of one, and what of it can be taken along: product list and barcode sheet."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from astro.accounts.access import administrators, masters, needs
from astro.accounts.throttle import an_export
from astro.activity.downloads import table_download
from astro.kit.clock import utc_now
from astro.kit.gtin import display_gtin
from astro.kit.money import format_cents
from astro.kit.paging import page_of
from astro.kit.tables import Row, csv_download, xlsx_download
from astro.programs import aisles
from astro.programs.aisles import Aisle, aisle_of
from astro.programs.details import CardPart, Item, cards_of, left_just_now, places, version_on
from astro.programs.enrolling.actions import just_enrolled
from astro.programs.enrolling.ticks import kept_ticks, ticked_elsewhere
from astro.programs.forms import ProgramFilter
from astro.programs.inclusion import why_not
from astro.programs.joining import can_be_taken_back
from astro.programs.labels import bars_of
from astro.programs.models import Application, Enrollment, Fulfilment, Program
from astro.programs.reach import locations_in_reach, today
from astro.programs.shelf import GridRow, Shelf
from astro.programs.versions.reading import versions_of
from astro.tenancy.features import FREQUENT_BUYER


@administrators
@needs(FREQUENT_BUYER)
@require_safe
@vary_on_headers("HX-Target")
def available(request: HttpRequest) -> HttpResponse:
    return listed(request, "list", aisles.FREQUENT_BUYER)


@administrators
@needs(FREQUENT_BUYER)
@require_safe
@vary_on_headers("HX-Target")
def enrolled(request: HttpRequest) -> HttpResponse:
    return listed(request, "enrolled", aisles.FREQUENT_BUYER)


@masters
@needs(FREQUENT_BUYER)
@require_safe
@vary_on_headers("HX-Target")
def by_location(request: HttpRequest) -> HttpResponse:
    return listed(request, "grid", aisles.FREQUENT_BUYER)


@administrators
@require_safe
def program(request: HttpRequest, program_id: int) -> HttpResponse:
    shown = _program(program_id)
    prefetch_related_objects([shown], "versions")
    now = utc_now()
    locations = locations_in_reach(request)
    day = today(request, locations, now=now)
    version = version_on(shown, day=day)
    at_places = places(shown, locations=locations, today=day)
    running = [place.enrollment for place in at_places if place.enrollment]
    mine = [row for row in running if row.enrolled_by_id == request.user.pk and not row.came_by_id]
    missing = why_not(shown, request.features)  # type: ignore[attr-defined]
    page = {
        "program": shown,
        "aisle": aisle_of(shown.kind),
        "why_not": missing,
        "version": version,
        "cards": cards_of(version, currency=request.retailer.currency, day=day),  # type: ignore[attr-defined]
        "places": at_places,
        "fresh": can_be_taken_back(mine, now=now),
        "left": left_just_now(shown, locations=locations, by=request.user, now=now),  # type: ignore[arg-type]
        "can_join": shown.can_be_joined(day)
        and not missing
        and any(not place.enrollment and not place.application for place in at_places),
        "is_paid_by_distributor": shown.fulfilment == Fulfilment.DISTRIBUTOR,
        "starts_later": shown.starts_on > day,
        "has_ended": shown.has_ended(day),
        "versions": versions_of(shown, day=day, money=partial(format_cents, currency=request.retailer.currency))  # type: ignore[attr-defined]
        if len(shown.versions.all()) > 1
        else [],
    }
    return render(request, "programs/program.html", page)


@administrators
@require_safe
def products_export(request: HttpRequest, program_id: int) -> FileResponse:
    """The products of every card, a row for each code: XLSX if asked for (`?as=xlsx`), else CSV."""
    download = xlsx_download if request.GET.get("as") == "xlsx" else csv_download
    shown = _program(program_id)
    heading = [
        _("Program"), _("Card"), _("Brand"), _("Product"), _("Size"), _("Pet"), _("Barcode"), _("Suggested price"),
        _("Fills the card"), _("May be the reward"),
    ]  # fmt: skip
    currency = request.retailer.currency  # type: ignore[attr-defined]
    rows = _product_rows(shown, _cards(request, shown), currency)
    return download(_file_name(shown), heading, rows)


@administrators
@require_safe
def barcodes(request: HttpRequest, program_id: int) -> HttpResponse:
    """Labels to scan from, 3 x 10 a sheet: products that fill a card, each once, with its newest code."""
    shown = _program(program_id)
    items = {item.product_id: item for part in _cards(request, shown) for item in part.items if item.fills}
    labels = [(item, bars_of(item.codes[0])) for item in items.values() if item.codes]
    page = {"program": shown, "labels": labels, "without": [item for item in items.values() if not item.codes]}
    return render(request, "programs/barcodes.html", page)


@administrators
@needs(FREQUENT_BUYER)
@require_safe
@an_export
def export(request: HttpRequest) -> FileResponse:
    return exported(request, aisles.FREQUENT_BUYER)


def exported(request: HttpRequest, aisle: Aisle) -> FileResponse:
    """An aisle as a file, narrowed as its lists are: a row for each program, a column for each location in reach."""
    locations = locations_in_reach(request)
    shelf = Shelf(locations, today(request, locations, now=utc_now()), request.features, aisle.kinds)  # type: ignore[attr-defined]
    asked = ProgramFilter(request.GET, of_offers=aisle is aisles.OFFERS)
    heading = [
        _("Program"), _("Brand"), _("Kind"), _("Starts"), _("Ends"), _("Who pays"), *(row.name for row in locations),
    ]  # fmt: skip
    programs = list(asked.narrow(shelf.either).order_by(*asked.order, "id"))
    rows = _grid_rows(shelf.grid(programs, ticks={}))
    return table_download(request, aisle.namespace, name=aisle.namespace, heading=heading, rows=rows, asked=asked)


def listed(request: HttpRequest, tab: str, aisle: Aisle) -> HttpResponse:
    """One of the three lists of an aisle."""
    locations = locations_in_reach(request)
    shelf = Shelf(locations, today(request, locations, now=utc_now()), request.features, aisle.kinds)  # type: ignore[attr-defined]
    lists = {"list": shelf.available, "enrolled": shelf.enrolled, "grid": shelf.either}
    asked = ProgramFilter(request.GET, of_offers=aisle is aisles.OFFERS)
    programs = asked.narrow(lists[tab])
    page = page_of(programs, order_by=asked.order, cursor=request.GET.get("cursor"))
    shown: dict[str, Any] = {
        "tab": tab,
        "aisle": aisle,
        "asked": asked,
        "page": page,
        "total": programs.count(),
        "locations": locations,
        "is_master": request.membership.is_master,  # type: ignore[attr-defined]
    }
    if tab == "grid":
        ticks = kept_ticks(request)
        shown["rows"] = shelf.grid(page.rows, ticks=ticks)
        shown["elsewhere"] = ticked_elsewhere(ticks, shown=[row.pk for row in page.rows])
        shown["fresh"] = just_enrolled(locations, by=request.user, now=utc_now())  # type: ignore[arg-type]
    else:
        shown["rows"] = shelf.rows(page.rows)
    if request.headers.get("HX-Target") == "found":
        return render(request, "programs/found.html", shown)
    shown["counts"] = {name: lists[name].count() for name in ("list", "enrolled")}
    return render(request, "programs/list.html", shown)


def _program(program_id: int) -> Program:
    return get_object_or_404(Program.objects.select_related("brand"), pk=program_id)


def _cards(request: HttpRequest, shown: Program) -> list[CardPart]:
    day = today(request, locations_in_reach(request), now=utc_now())
    return cards_of(version_on(shown, day=day), currency=request.retailer.currency, day=day)  # type: ignore[attr-defined]


def _grid_rows(rows: list[GridRow]) -> Iterator[Row]:
    for row in rows:
        shown = row.program
        yield [
            shown.title, shown.brand.name if shown.brand else _("Your own"), shown.get_kind_display(), shown.starts_on,
            shown.ends_on, shown.get_fulfilment_display(),
            *(_cell(shown, enrollment, application) for _place, enrollment, application in row.cells),
        ]  # fmt: skip


def _cell(shown: Program, enrollment: Enrollment | None, application: Application | None) -> str:
    """Who pays at a location that is enrolled, or how its application stands."""
    if enrollment is None:
        return "" if application is None else _("Denied") if application.last_decision else _("Pending")
    if enrollment.distributor:
        payer = enrollment.distributor.name
    elif shown.fulfilment == Fulfilment.DISTRIBUTOR:
        payer = _("Temporary Holding")
    else:
        payer = _("Enrolled")
    return _("%(payer)s (auto-enrolled)") % {"payer": payer} if enrollment.came_by_id else payer


def _product_rows(shown: Program, cards: list[CardPart], currency: str) -> Iterator[Row]:
    for part in cards:
        for item in part.items:
            for code in item.codes or ("",):
                yield [
                    shown.title, part.card.title, item.brand, item.name, item.size, item.pet, _as_printed(code),
                    _price(item, currency), item.fills, item.is_reward,
                ]  # fmt: skip


def _as_printed(code: str) -> str:
    return display_gtin(code).replace(" ", "") if code else ""


def _price(item: Item, currency: str) -> str:
    return "" if item.msrp_cents is None else format_cents(item.msrp_cents, currency)


def _file_name(shown: Program) -> str:
    return slugify(shown.title) or "program"
