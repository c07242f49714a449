"""Forms of *My Location Information*."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import RegexValidator
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from astro.kit.phones import national
from astro.kit.pictures import BadPicture, Fault, redrawn
from astro.tenancy.address_form import AddressForm, OneLine
from astro.tenancy.models import Location

IMAGE_SIDE: Final = 512
SMALL_SIDE: Final = 128
"""In pixels, at most: what letters and big screens show, and what stands in a header."""

COPY: Final = "copy"
"""The name of the button that copies Monday; the form comes back with it, unsaved."""


class WebAddress(OneLine):
    """https:// is added where nobody types it."""

    default_validators = [
        RegexValidator(
            r"\Ahttps?://[^\s/?#@:\"'<>\\]+\.[^\s/?#@:\"'<>\\]{2,}(:\d{1,5})?([/?#][^\s\"'<>\\]*)?\Z",
            gettext_lazy("This is not a whole web address. It looks like www.example.com."),
        )
    ]

    def to_python(self, value: Any) -> str:
        told = super().to_python(value)
        return told if not told or "://" in told else f"https://{told}"


class LocationForm(AddressForm):
    """What is told of a location, by its columns. `location` is None for one that is to be added."""

    name = OneLine(
        label=gettext_lazy("Location name"),
        max_length=120,
        help_text=gettext_lazy("For you and your people, for example Downtown."),
        error_messages={"required": gettext_lazy("Give this location a name.")},
    )
    store_name = OneLine(
        label=gettext_lazy("Store name"),
        max_length=120,
        help_text=gettext_lazy("As your customers know it."),
        error_messages={"required": gettext_lazy("Fill in the name that your customers know.")},
    )
    website = WebAddress(
        label=gettext_lazy("Website"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail for customers"),
        required=False,
        max_length=254,
        help_text=gettext_lazy("Answers to your letters go there."),
        widget=forms.EmailInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"invalid": gettext_lazy("This is not a whole e-mail address. It looks like name@example.com.")},
    )
    is_primary = forms.BooleanField(
        label=gettext_lazy("Primary location"),
        required=False,
        help_text=gettext_lazy("Letters and texts to customers go in the name and address of this one."),
    )

    field_order = ("name", "store_name")

    def __init__(
        self, data: Any = None, *, location: Location | None, store: str, may_be_primary: bool = False
    ) -> None:
        on_file: dict[str, Any] = {"store_name": store}
        if location is not None:
            on_file = {name: getattr(location, name) for name in self.base_fields}
            on_file |= {
                "store_name": location.store_name or store,
                "phone": national(location.phone),
                "time_zone": str(location.time_zone),
            }
        super().__init__(data, initial=on_file, zone=on_file.get("time_zone", ""))
        if not may_be_primary:
            del self.fields["is_primary"]
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"
        if location is not None:
            self.fields["time_zone"].help_text = _(
                "It says which day a purchase belongs to, from now on. What was bought before keeps its day."
            )


class HoursForm(forms.Form):
    """A week: from and to for each day, nothing for a day that is closed."""

    use_required_attribute = False

    def __init__(self, data: Any = None, *, hours: Mapping[int, tuple[time, time]]) -> None:
        super().__init__(data)
        for day, name in WEEKDAYS.items():
            opens, closes = hours.get(day, (None, None))
            self.fields[f"opens_{day}"] = _clock(_("%(day)s, opens") % {"day": name}, opens)
            self.fields[f"closes_{day}"] = _clock(_("%(day)s, closes") % {"day": name}, closes)

    def rows(self) -> list[dict[str, Any]]:
        return [
            {"day": name, "opens": self[f"opens_{day}"], "closes": self[f"closes_{day}"]}
            for day, name in WEEKDAYS.items()
        ]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        for day in WEEKDAYS:
            opens, closes = told.get(f"opens_{day}"), told.get(f"closes_{day}")
            if {f"opens_{day}", f"closes_{day}"} & self.errors.keys():
                continue
            if opens and not closes:
                self.add_error(f"closes_{day}", _("Say when you close, or leave both empty for a closed day."))
            elif closes and not opens:
                self.add_error(f"opens_{day}", _("Say when you open, or leave both empty for a closed day."))
            elif opens and closes <= opens:
                self.add_error(f"closes_{day}", _("This is not after the opening. Check both times."))
        return told

    @property
    def hours(self) -> dict[int, tuple[time, time]]:
        told = self.cleaned_data
        return {day: (told[f"opens_{day}"], told[f"closes_{day}"]) for day in WEEKDAYS if told[f"opens_{day}"]}


def monday_everywhere(data: Any) -> dict[str, str]:
    """What was typed, with Monday's times on every day."""
    return {f"{which}_{day}": str(data.get(f"{which}_0", "")) for day in WEEKDAYS for which in ("opens", "closes")}


class LogoForm(forms.Form):
    """A picture file. `drawn` has what we drew of it, large and small."""

    logo = forms.FileField(
        label=gettext_lazy("Picture file"),
        help_text=gettext_lazy("PNG, JPEG or WebP, up to 15 MB. It is shown on white."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        allow_empty_file=True,
        error_messages={"required": gettext_lazy("Choose a picture file first.")},
    )

    use_required_attribute = False
    drawn: tuple[bytes, bytes]

    def clean_logo(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["logo"]
        try:
            self.drawn = (
                redrawn(upload, longest=IMAGE_SIDE, kind="PNG"),
                redrawn(upload, longest=SMALL_SIDE, kind="PNG"),
            )
        except BadPicture as problem:
            raise forms.ValidationError(_sentence(problem.fault)) from None
        return upload


def _clock(label: str, initial: time | None) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=False,
        initial=initial,
        input_formats=["%H:%M", "%H:%M:%S", "%I:%M %p", "%I %p", "%I%p", "%I:%M%p"],
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "input"}),
        error_messages={"invalid": gettext_lazy("Type a time, for example 9:00 AM.")},
    )


def _sentence(fault: Fault) -> str:
    return {
        Fault.EMPTY: _("This file is empty. Choose another one."),
        Fault.TOO_LARGE: _("This file is larger than 15 MB. Choose a smaller one."),
        Fault.NO_PICTURE: _("This is no picture that we can read. Choose a PNG, JPEG or WebP file."),
        Fault.TOO_MANY_PIXELS: _("This picture has too many pixels. Choose a smaller one."),
        Fault.DAMAGED: _("This picture is damaged. Choose another one."),
    }[fault]
