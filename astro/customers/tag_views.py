"""The store's tags: made, renamed, archived, restored by administrators."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from astro.accounts.access import StaffRequest, administrators
from astro.customers.actions import add_tag, archive_tag, rename_tag, restore_tag
from astro.customers.errors import DetailError, TagTaken
from astro.customers.models import CustomerTag, Tag
from astro.kit.clock import utc_now


class TagForm(forms.Form):
    """The name of a tag; `add_tag` says what may be one."""

    label = forms.CharField(
        label=gettext_lazy("Name of the tag"),
        strip=False,
        error_messages={"required": gettext_lazy("Type a name for the tag.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    use_required_attribute = False


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def tags(request: StaffRequest) -> HttpResponse:
    """All tags with how many customers carry each, and a new one."""
    form = TagForm(request.POST) if request.method == "POST" else TagForm()
    if request.method == "POST" and form.is_valid():
        try:
            tag = add_tag(form.cleaned_data["label"], by=request.user, at=request.location, now=utc_now())
        except (DetailError, TagTaken) as refused:
            form.add_error("label", str(refused))
        else:
            messages.success(request, _("The tag “%(tag)s” is there.") % {"tag": tag.label})
            return redirect("customers:tags")
    page = {"form": form, "tags": _carried().filter(archived_at__isnull=True)}
    page["archived"] = _carried().filter(archived_at__isnull=False)
    return render(request, "customers/tags.html", page, status=422 if form.errors else 200)


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def tag(request: StaffRequest, tag_id: int) -> HttpResponse:
    """Another name for a tag."""
    row: Tag = get_object_or_404(Tag, pk=tag_id)
    form = TagForm(request.POST) if request.method == "POST" else TagForm(initial={"label": row.label})
    if request.method == "POST" and form.is_valid():
        try:
            rename_tag(row, form.cleaned_data["label"], by=request.user, at=request.location, now=utc_now())
        except (DetailError, TagTaken) as refused:
            form.add_error("label", str(refused))
            row.refresh_from_db()
        else:
            messages.success(request, _("Saved."))
            return redirect("customers:tags")
    return render(request, "customers/tag.html", {"form": form, "tag": row}, status=422 if form.errors else 200)


@administrators
@require_POST
def archive(request: StaffRequest, tag_id: int) -> HttpResponse:
    row: Tag = get_object_or_404(Tag, pk=tag_id)
    archive_tag(row, by=request.user, at=request.location, now=utc_now())
    told = _("“%(tag)s” is archived. Restore brings it back on whoever had it.")
    messages.success(request, told % {"tag": row.label})
    return redirect("customers:tags")


@administrators
@require_POST
def restore(request: StaffRequest, tag_id: int) -> HttpResponse:
    row: Tag = get_object_or_404(Tag, pk=tag_id)
    restore_tag(row, by=request.user, at=request.location, now=utc_now())
    messages.success(request, _("“%(tag)s” is in use again.") % {"tag": row.label})
    return redirect("customers:tags")


def _carried() -> QuerySet[Tag]:
    """Tags with `carriers_here`: how many customers on the list carry each."""
    carriers = CustomerTag.objects.filter(tag=OuterRef("pk"), customer__retired_at__isnull=True).order_by()
    count = carriers.values("tag").annotate(count=Count("id")).values("count")
    rows: QuerySet[Tag] = Tag.objects.annotate(carriers_here=Coalesce(Subquery(count), 0))
    return rows
