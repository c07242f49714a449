"""What somebody types for a program of their own; which fields there are depends on its kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from astro.kit.errors import DomainError
from astro.kit.money import AmountError, format_cents, parse_cents
from astro.programs.models import Audience, Kind, Program, ProgramPicture
from astro.programs.own.pictures import Drawn, drawn, keep_picture, name_of, named
from astro.programs.own.reading import ReadItem, read_items
from astro.programs.rules import RuleOfCard
from astro.tenancy.models import Location

ITEM_WORDS = _("One in a line: a barcode, a name from the catalogue, or something new, as “Nail trim 18.00”.")

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    Kind.BUY_GET: (
        "items",
        "piles",
        "buy",
        "gives",
        "get",
        "rewards",
        "amount",
        "percent",
        "words",
        "most",
        "monthly",
        "months",
    ),
    Kind.TRACKING: ("items", "piles", "buy", "gives", "get", "rewards", "most", "monthly", "months"),
    Kind.CASH_BACK: ("items", "buy", "back", "months"),
    Kind.PREPAID: ("pass_item", "items", "buy"),
}
RULE_FIELDS: Final = ("buy", "gives", "get", "amount", "percent", "words", "most", "monthly", "months", "back")
LABELS: Final = {
    (Kind.CASH_BACK, "buy"): _("Purchases until it is paid out"),
    (Kind.PREPAID, "buy"): _("Uses that the card holds"),
    (Kind.PREPAID, "items"): _("What it is used for"),
    (Kind.TRACKING, "items"): _("Which items fill the card"),
}


class Amount(forms.Field):
    """Money as people write it, in cents."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").strip()
        if not text:
            return None
        try:
            return parse_cents(text)
        except AmountError as problem:
            raise forms.ValidationError(str(problem)) from problem


class PictureField(forms.FileField):
    """A picture of a card; what it cleans to is what we drew of it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Picture"),
            help_text=_("JPEG, PNG or WebP, at least 400 × 400 pixels. The middle square is shown."),
            allow_empty_file=True,
            widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
            error_messages={"required": _("Choose a picture file first.")},
            **kwargs,
        )

    def clean(self, data: UploadedFile | None, initial: Any = None) -> Drawn | None:
        upload = super().clean(data, initial)
        if upload is None:
            return None
        try:
            return drawn(upload)
        except DomainError as problem:
            raise forms.ValidationError(str(problem)) from problem


class Percent(forms.DecimalField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{"max_digits": 5, "decimal_places": 2, "min_value": Decimal("0.01"), "max_value": Decimal(100), **kwargs}
        )
        self.widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})


def _number(label: Any, *, most: int, **more: Any) -> forms.IntegerField:
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    return forms.IntegerField(label=label, min_value=1, max_value=most, widget=widget, **more)


class RuleForm(forms.Form):
    """What the card asks and gives, of one kind."""

    buy = _number(_("Purchases that fill the card"), most=200)
    gives = forms.ChoiceField(
        label=_("What a full card gives"),
        choices=[
            ("item", _("A free item of those on the card")),
            ("same", _("The item bought most often")),
            ("other", _("A free item of another list")),
            ("money", _("An amount off")),
            ("percent", _("A percentage off")),
            ("words", _("Something else")),
        ],
        initial="item",
        widget=forms.RadioSelect,
    )
    get = _number(_("How many free items"), most=20, required=False, initial=1)
    amount = Amount(label=_("Amount off"), required=False, help_text=_("As in 10.00."))
    percent = Percent(label=_("Percent off"), required=False)
    words = forms.CharField(
        label=_("What it is"), required=False, max_length=80, help_text=_("As the cashier says it: a nail trim.")
    )
    back = Percent(
        label=_("Cash back, in percent"), help_text=_("Of what was paid. The sum waits until the card is full.")
    )
    most = _number(_("At most so many rewards for a customer"), most=1000, required=False)
    monthly = _number(_("At most so many punches for a customer in a month"), most=1000, required=False)
    months = _number(
        _("Months that a punch counts"), most=120, required=False, help_text=_("Empty: punches do not expire.")
    )
    use_required_attribute = False

    def __init__(self, data: Any = None, *, kind: str, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.kind = kind
        for name in list(self.fields):
            if name in RULE_FIELDS and name not in FIELDS[kind]:
                del self.fields[name]
        if kind == Kind.TRACKING:
            self.fields["gives"].choices = self.fields["gives"].choices[:3]  # type: ignore[attr-defined]
        for (of_kind, name), label in LABELS.items():
            if of_kind == kind and name in self.fields:
                self.fields[name].label = label

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        needed = {"money": "amount", "percent": "percent", "words": "words", "other": "rewards"}.get(
            cleaned.get("gives", "")
        )
        if needed in self.fields and needed not in self.errors and not cleaned.get(needed):
            self.add_error(needed, _("Fill this in, or choose something else that the card gives."))
        get, most = cleaned.get("get") or 1, cleaned.get("most")
        if most and most < get:
            self.add_error("most", _("One full card gives more than that."))
        return cleaned

    def rule(self, *, piles: str = "one", takes_over: bool = False) -> RuleOfCard:
        """The rule that was typed."""
        told = self.cleaned_data
        if self.kind == Kind.PREPAID:
            return RuleOfCard(told["buy"], 0, is_prepaid=True, takes_over=takes_over, gives="nothing")
        common: dict[str, Any] = {
            "buy": told["buy"],
            "piles": piles,
            "expiry_months": told.get("months"),
            "takes_over": takes_over,
        }
        if self.kind == Kind.CASH_BACK:
            return RuleOfCard(**common, gives="back", back_points=int(told["back"] * 100))
        given = told["gives"]
        common |= {"most": told.get("most"), "monthly": told.get("monthly")}
        if given == "money":
            return RuleOfCard(**common, gives="money", gift_cents=told["amount"])
        if given == "percent":
            return RuleOfCard(**common, gives="percent", gift_percent=max(1, round(told["percent"])))
        if given == "words":
            return RuleOfCard(**common, gives="words", gift_words=told["words"])
        return RuleOfCard(**common, get=told.get("get") or 1, choice="most_bought" if given == "same" else "any")


class OwnProgramForm(RuleForm):
    """A whole new program. `found` and `given` are the items that were read, once it is valid.

    A picture cannot be carried along in a page: it is kept as soon as it comes, and `kept_name` names it.
    """

    title = forms.CharField(label=_("Name of the card"), max_length=80, help_text=_("As customers see it."))
    about = forms.CharField(
        label=_("In a few words"), required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 2})
    )
    picture = PictureField(required=False)
    pass_item = forms.CharField(
        label=_("What the customer buys"), max_length=120, help_text=_("The pass, with its price: “Wash pass 90.00”.")
    )
    items = forms.CharField(
        label=_("What fills the card"),
        help_text=ITEM_WORDS,
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=20_000,
    )
    piles = forms.ChoiceField(
        label=_("Which purchases belong together"),
        choices=[("one", _("All of them on one card")), ("item", _("Each item on a card of its own"))],
        initial="one",
        widget=forms.RadioSelect,
    )
    rewards = forms.CharField(
        label=_("The other list"), required=False, help_text=ITEM_WORDS, widget=forms.Textarea(attrs={"rows": 3})
    )
    audience = forms.ChoiceField(
        label=_("For whom"),
        choices=[(one.value, one.label) for one in (Audience.EVERYONE, Audience.BREEDERS, Audience.EMPLOYEES)],
        initial=Audience.EVERYONE.value,
        required=False,
        widget=forms.RadioSelect,
    )
    starts_on = forms.DateField(
        label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), required=False
    )
    ends_on = forms.DateField(
        label=_("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        required=False,
        help_text=_("The last day to punch and to redeem. Empty: no end."),
    )
    locations = forms.MultipleChoiceField(
        label=_("Locations"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )
    field_order = (
        *(
            "title",
            "about",
            "picture",
            "pass_item",
            "items",
            "piles",
            "buy",
            "back",
            "gives",
            "get",
            "rewards",
            "amount",
        ),
        *("percent", "words", "most", "monthly", "months", "audience", "starts_on", "ends_on", "locations"),
    )

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        kind: str,
        locations: Sequence[Location],
        today: date,
        now: datetime,
    ) -> None:
        super().__init__(data, kind=kind, files=files)
        self.now = now
        self.kept: ProgramPicture | None = named(str((data or {}).get("kept_picture", "")))
        for name in ("pass_item", "items", "piles", "rewards"):
            if name not in FIELDS[kind]:
                del self.fields[name]
        self.today = today
        self.places = {str(row.pk): row for row in locations}
        self.fields["locations"].choices = [(key, row.name) for key, row in self.places.items()]  # type: ignore[attr-defined]
        self.initial = {"starts_on": today, "locations": list(self.places)}
        self.found: list[ReadItem] = []
        self.given: list[ReadItem] = []
        self.passes: list[ReadItem] = []

    @property
    def carried(self) -> list[forms.BoundField]:
        """What the check carries along unseen."""
        return [self[name] for name in self.fields if name != "picture"]

    @property
    def kept_name(self) -> str:
        return name_of(self.kept)

    def clean_picture(self) -> None:
        """Keeps one that came, in the place of one that was kept before."""
        picture: Drawn | None = self.cleaned_data["picture"]
        if picture is not None:
            self.kept = keep_picture(picture, now=self.now)

    @property
    def chosen_places(self) -> list[Location]:
        return [self.places[key] for key in self.cleaned_data["locations"]]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.found = self._read("items")
        self.passes = self._read("pass_item")
        self.given = self._read("rewards") if cleaned.get("gives") == "other" else []
        title = cleaned.get("title", "")
        if title and Program.objects.filter(retailer__isnull=False, title__iexact=title).exists():
            self.add_error("title", _("You have a program of that name already."))
        starts_on, ends_on = cleaned.get("starts_on") or self.today, cleaned.get("ends_on")
        cleaned["starts_on"] = starts_on
        if starts_on < self.today:
            self.add_error("starts_on", _("Choose today or a later day. Earlier purchases are entered late."))
        if ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("The last day comes before the first."))
        return cleaned

    def _read(self, name: str) -> list[ReadItem]:
        text = self.cleaned_data.get(name)
        if name not in self.fields or not text:
            return []
        try:
            return read_items(text, may_add=self.kind != Kind.TRACKING)
        except DomainError as problem:
            self.add_error(name, str(problem))
            return []


class PictureForm(forms.Form):
    """Another picture of a card that there is."""

    picture = PictureField()
    use_required_attribute = False


class WordsForm(forms.Form):
    """The name, the few words and the last day: what may be changed at any time."""

    title = forms.CharField(label=_("Name of the card"), max_length=80)
    about = forms.CharField(
        label=_("In a few words"), required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 2})
    )
    ends_on = forms.DateField(
        label=_("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        required=False,
        help_text=_("The last day to punch and to redeem. Empty: no end."),
    )
    use_required_attribute = False


class NewRuleForm(RuleForm):
    """The rule from a day on."""

    from_on = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    takes_over = forms.ChoiceField(
        label=_("Cards in progress"),
        choices=[
            ("", _("go on under the rule they began with")),
            ("yes", _("come under the new rule with their next purchase")),
        ],
        required=False,
        widget=forms.RadioSelect,
    )
    field_order = ("from_on", "takes_over")

    def __init__(self, data: Any = None, *, kind: str, standing: RuleOfCard, today: date, currency: str) -> None:
        super().__init__(data, kind=kind)
        self.today, self.standing = today, standing
        if "gives" in self.fields:
            words = dict(self.fields["gives"].choices)  # type: ignore[attr-defined]
            self.fields["gives"].choices = [(key, text) for key, text in words.items() if key != "other"]  # type: ignore[attr-defined]
        amount = standing.gift_cents and format_cents(standing.gift_cents, currency)
        same = standing.gives == "item" and standing.choice == "most_bought"
        self.initial = {
            "from_on": today,
            "buy": standing.buy,
            "get": standing.get,
            "most": standing.most,
            "monthly": standing.monthly,
            "months": standing.expiry_months,
            "amount": amount,
            "percent": standing.gift_percent,
            "words": standing.gift_words,
            "gives": "same" if same else standing.gives,
            "takes_over": "",
            "back": f"{standing.back_points / 100:g}" if standing.back_points else "",
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if (cleaned.get("from_on") or self.today) < self.today:
            self.add_error("from_on", _("Choose today or a later day. What was bought before stays under its rule."))
        return cleaned

    def new_rule(self) -> RuleOfCard:
        """What the form does not ask of stays: which purchases belong together, and what the free item may be worth."""
        told = self.rule(piles=self.standing.piles, takes_over=bool(self.cleaned_data["takes_over"]))
        return replace(told, value_limit=self.standing.value_limit) if told.gives == "item" else told
