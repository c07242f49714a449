"""What is typed when the punches of a paper card are taken over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from astro.catalog.models import Product
from astro.checkout.basket import read_id
from astro.checkout.errors import NotYet
from astro.checkout.late_forms import one_line
from astro.checkout.models import MOST_DAYS, CardPhoto
from astro.checkout.paper_cards import (
    MOST_PUNCHES,
    BadPaperCard,
    Paper,
    cheapest_of,
    check_paper,
    items_of,
)
from astro.checkout.photos import BadPhoto, keep_photo, loose_photo, small_jpeg
from astro.kit.ids import new_uuid7
from astro.programs.models import ProgramCard
from astro.tenancy.models import Location

SIGNER = Signer(salt="astro.checkout.paper_card_forms")


def _day_field(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Choose the day."),
            "invalid": _("Write the day as year-month-day, like 2026-11-20."),
        },
        **more,
    )


class PaperCardForm(forms.Form):
    """Which card, how many punches from when to when, and its photo. `key` makes that it counts once.

    A photo cannot be carried along in a page. It is kept as soon as it comes, and `kept_photo` names it; nobody else's
    can be named, because the name is signed and the photo of a card that was saved is not loose any more.
    """

    key = forms.UUIDField(widget=forms.HiddenInput)
    card = forms.ChoiceField(
        label=_("Program card"),
        error_messages={"required": _("Choose the card."), "invalid_choice": _("Choose one from the list.")},
    )
    product = forms.ChoiceField(
        label=_("Item"),
        help_text=_("A paper card seldom says which. The cheapest one promises nothing that was not bought."),
        required=False,
        error_messages={"invalid_choice": _("This item is not on that card. Choose again.")},
    )
    punches = forms.IntegerField(
        label=_("Punches on the card"),
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": 1, "max": MOST_PUNCHES}),
        error_messages={
            "required": _("Count the punches on the card."),
            "invalid": _("Type the number of punches in digits."),
        },
    )
    first_on = _day_field(_("First purchase"))
    last_on = _day_field(_("Last purchase"), help_text=_("The same day twice is fine."))
    number = forms.CharField(
        label=_("Number on the card"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"max_length": _("A number holds up to 40 characters.")},
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": _("A note holds up to 200 characters.")},
    )
    photo = forms.FileField(
        label=_("Photo of the card"),
        help_text=_("For whoever asks later. It is made small, and where and when it was taken is left out."),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "image/*", "capture": "environment"}),
    )
    kept_photo = forms.CharField(required=False, widget=forms.HiddenInput)

    use_required_attribute = False

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        at: Location,
        cards: Sequence[ProgramCard],
        now: datetime,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, files, initial={"key": new_uuid7(now), **(initial or {})})
        self.place, self.now, self.today = at, now, at.day(now)
        self.cards = {str(card.pk): card for card in cards}
        named = [(key, f"{card.program.brand or at.retailer.name}: {card.title}") for key, card in self.cards.items()]
        self.fields["card"].choices = [("", _("Choose…")), *named]  # type: ignore[attr-defined]
        told = data if data is not None else self.initial
        self.chosen = self.cards.get(str(told.get("card", "")))
        self.items = items_of(self.chosen, day=self.today) if self.chosen else []
        self.suggested = cheapest_of(self.chosen, at=at, day=self.today) if self.chosen else None
        self.fields["product"].choices = self._product_choices()  # type: ignore[attr-defined]
        for name in ("first_on", "last_on"):
            days = {"min": (self.today - timedelta(days=MOST_DAYS)).isoformat(), "max": self.today.isoformat()}
            self.fields[name].widget.attrs.update(days)
        self.paper: Paper | None = None
        self.kept = self._kept(str(told.get("kept_photo", "")))

    @property
    def carried(self) -> list[forms.BoundField]:
        """What the check carries along unseen."""
        return [self[name] for name in self.fields if name not in ("photo", "kept_photo")]

    @property
    def kept_name(self) -> str:
        """The signed name of the photo that is kept already; "" where there is none."""
        return SIGNER.sign(str(self.kept.pk)) if self.kept else ""

    def clean_number(self) -> str:
        return one_line(self.cleaned_data["number"])

    def clean_note(self) -> str:
        return one_line(self.cleaned_data["note"])

    def clean_photo(self) -> None:
        """Keeps a photo that came, in the place of one that was kept before. A bad one says so, and nothing is lost."""
        upload = self.cleaned_data.get("photo")
        if upload is None:
            return
        try:
            self.kept = keep_photo(small_jpeg(upload), now=self.now)
        except BadPhoto as refused:
            raise forms.ValidationError(str(refused)) from refused

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        if not self.chosen or not told.keys() >= {"key", "card", "product", "punches", "first_on", "last_on"}:
            return told
        product = self._product(told["product"], told["last_on"])
        if product is None:
            self.add_error("product", _t("No item stood on this card then. Look at the days again."))
            return told
        self.paper = Paper(
            key=told["key"],
            program_card=self.chosen,
            product=product,
            punches=told["punches"],
            first_on=told["first_on"],
            last_on=told["last_on"],
            number=told.get("number", ""),
            note=told.get("note", ""),
        )
        try:
            check_paper(self.paper, at=self.place, now=self.now)
        except (BadPaperCard, NotYet) as refused:
            self.add_error(refused.field, str(refused))
        return told

    def _product(self, text: str, day: date) -> Product | None:
        assert self.chosen is not None
        if not text:
            return cheapest_of(self.chosen, at=self.place, day=day)
        return next((product for product in self.items if str(product.pk) == text), None)

    def _product_choices(self) -> list[tuple[str, str]]:
        first = _t("The cheapest item of the card")
        if self.suggested:
            first = _t("The cheapest: %(item)s") % {"item": str(self.suggested)}
        return [("", first), *((str(product.pk), str(product)) for product in self.items)]

    def _kept(self, name: str) -> CardPhoto | None:
        if not name:
            return None
        try:
            pk = read_id(SIGNER.unsign(name))
        except BadSignature:
            return None
        return loose_photo(pk) if pk is not None else None
