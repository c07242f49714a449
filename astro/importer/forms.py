"""What is asked before a list is checked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from astro.importer.meanings import GROUPS, LABELS, LEFT_OUT
from astro.importer.queries import Column

PROOF_LEAST = 10
PROOF_LENGTH = 300


class FileForm(forms.Form):
    """The file itself."""

    file = forms.FileField(
        label=_("Customer list"),
        error_messages={"required": _("Choose the file with your list."), "empty": _("This file is empty.")},
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )

    use_required_attribute = False

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > settings.UPLOAD_MOST:
            raise forms.ValidationError(
                _t("This file is larger than %(most)d MB. Cut it in two.")
                % {"most": settings.UPLOAD_MOST // (1024 * 1024)}
            )
        return file


class ColumnsForm(forms.Form):
    """What each column is, and how the list is to be taken."""

    last_first = forms.ChoiceField(
        label=_("Full names without a comma"),
        choices=[
            ("no", _("Betty Smith: the last word is the last name")),
            ("yes", _("Smith Betty: the first word is the last name")),
        ],
        widget=forms.RadioSelect,
    )
    day_first = forms.ChoiceField(
        label=_("Days with numbers only"),
        choices=[("no", _("5/3/2021 is May 3")), ("yes", _("5/3/2021 is 5 March"))],
        widget=forms.RadioSelect,
    )
    has_proof = forms.BooleanField(
        label=_("I have proof that everyone with a “yes” in this list agreed to get our messages."), required=False
    )
    proof = forms.CharField(
        label=_("Where the proof is"),
        required=False,
        max_length=PROOF_LENGTH,
        help_text=_("For example: sign-up sheets of 2019 to 2024, in the blue folder in the office."),
    )

    use_required_attribute = False

    def __init__(
        self, *args: Any, columns: Sequence[Column], offered: Collection[str], guessed: Sequence[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.columns = list(columns)
        choices = [
            (LEFT_OUT, _("Leave out")),
            *(
                (title, [(key, label) for key, label in group.items() if key in offered])
                for title, group in GROUPS.items()
            ),
        ]
        for column, meaning in zip(self.columns, guessed, strict=True):
            self.fields[f"column_{column.place}"] = forms.ChoiceField(
                label=column.heading,
                choices=choices,
                required=False,
                initial=meaning,
                widget=forms.Select(attrs={"class": "input"}),
            )

    def clean_proof(self) -> str:
        proof = " ".join(self.cleaned_data["proof"].split())
        if self.cleaned_data.get("has_proof") and len(proof) < PROOF_LEAST:
            raise forms.ValidationError(
                _t("Write in a sentence where the proof can be seen. It is kept with each yes.")
            )
        return proof

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = [meaning for meaning in self.meanings() if meaning]
        for meaning in dict.fromkeys(one for one in chosen if chosen.count(one) > 1):
            place = self.meanings().index(meaning)
            self.add_error(
                f"column_{place}",
                _t("Two columns are “%(meaning)s”. Choose one, leave the other out.") % {"meaning": LABELS[meaning]},
            )
        has_name = "full_name" in chosen or {"first_name", "last_name"} <= set(chosen)
        if not has_name and not {"phone", "email", "internal_id"} & set(chosen):
            raise forms.ValidationError(_t("Choose the columns with the names: first and last name, or the full name."))
        return cleaned

    def meanings(self) -> list[str]:
        return [self.cleaned_data.get(f"column_{column.place}", LEFT_OUT) for column in self.columns]

    def choices_made(self) -> dict[str, Any]:
        told = self.cleaned_data
        return {
            "last_first": told["last_first"] == "yes",
            "day_first": told["day_first"] == "yes",
            "proof": told["proof"] if told["has_proof"] else "",
        }

    def rows(self) -> list[tuple[Column, Any]]:
        """Each column with the field that says what it is."""
        return [(column, self[f"column_{column.place}"]) for column in self.columns]

    def rest(self) -> list[Any]:
        return [self["last_first"], self["day_first"]]
