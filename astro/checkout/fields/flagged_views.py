"""The list of answers that came flagged, for administrators: of their location, and of all of them for masters."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from astro.accounts.access import StaffRequest, administrators
from astro.accounts.queries import locations_of
from astro.accounts.throttle import an_export
from astro.activity.downloads import table_download
from astro.checkout.fields.correcting import asked_in, correct_answer
from astro.checkout.fields.flagged import (
    FlaggedFilter,
    export_heading,
    export_rows,
    flagged_answers,
    page_of_answers,
)
from astro.checkout.models import LONGEST_ANSWER, FieldAnswer
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.kit.typed import one_line
from astro.tenancy.models import Location


class CorrectionForm(forms.Form):
    """The right answer, typed or chosen as at the till."""

    value = forms.CharField(
        label=gettext_lazy("The right answer"),
        max_length=LONGEST_ANSWER,
        error_messages={"required": gettext_lazy("Type the right answer.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    use_required_attribute = False

    def __init__(self, data: object = None, *, of: FieldAnswer) -> None:
        super().__init__(data, initial={"value": of.corrected or of.value})  # type: ignore[arg-type]
        field = asked_in(of)
        if field.kind == "choice":
            choices = [("", _("Choose one")), *((option, option) for option in field.options)]
            self.fields["value"].widget = forms.Select(choices=choices)

    def clean_value(self) -> str:
        return one_line(self.cleaned_data["value"])


@administrators
@require_safe
@vary_on_headers("HX-Target")
def show_flagged(request: StaffRequest) -> HttpResponse:
    """The list; `#found` alone is swapped while typing."""
    asked = FlaggedFilter(request.GET, places=_places(request))
    page = page_of_answers(asked, cursor=request.GET.get("cursor"))
    is_typing = request.headers.get("HX-Target") == "found"
    template = f"checkout/fields/{'flagged_found' if is_typing else 'flagged'}.html"
    return render(request, template, {"asked": asked, "page": page, "rows": page.rows})


@administrators
@require_safe
@an_export
def export_flagged(request: StaffRequest) -> FileResponse:
    """The list as it is asked for in the address: XLSX (`?as=xlsx`), else CSV."""
    asked = FlaggedFilter(request.GET, places=_places(request))
    name, rows = _("flagged-answers"), export_rows(asked)
    return table_download(request, "flagged_answers", name=name, heading=export_heading(), rows=rows, asked=asked)


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def put_right(request: StaffRequest, answer_id: int) -> HttpResponse:
    """One answer: as it came, what it was put right to so far, and the way to put it right."""
    answer = get_object_or_404(flagged_answers(_places(request)), pk=answer_id)
    form = CorrectionForm(request.POST if request.method == "POST" else None, of=answer)
    if request.method == "POST" and form.is_valid():
        try:
            correct_answer(answer, form.cleaned_data["value"], by=request.user, at=answer.visit.location, now=utc_now())
        except DomainError as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("Put right. What came stays beside it."))
            return redirect("checkout:answers")
    history = answer.corrections.select_related("by").order_by("-number")
    context = {"answer": answer, "form": form, "corrections": history}
    return render(request, "checkout/fields/flagged_answer.html", context, status=422 if form.errors else 200)


def _places(request: StaffRequest) -> list[Location]:
    return list(locations_of(request.membership).order_by("name", "id"))
