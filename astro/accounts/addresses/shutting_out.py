"""Whoever saves a list that has not the address they sit at is asked first: they would be out at their next click.

A view that saves such a list, of the store or of its own user:

    form = SomeForm(posted(request, "networks"), …)
    if is_unfinished(request):          # *Fetch current IP address*, or *Back*: as typed, unsaved
        add_address(form, request.address if fetches_address(request) else None)
    elif form.is_valid():
        question = question_before(request, form.cleaned_data["networks"])
        if question is not None:
            return question
        …save…
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from astro.accounts.access import StaffRequest
from astro.accounts.addresses.fields import fetches_address, with_address
from astro.kit.addresses import is_within

ANSWER = "shut_out"
ANYWAY, WITH_MINE, BACK = "anyway", "with-mine", "back"
_OURS = {ANSWER, "csrfmiddlewaretoken"}


def posted(request: HttpRequest, name: str) -> QueryDict | None:
    """What was sent, for the form; with one's own address in the list where that was the answer. None on a GET."""
    if request.method != "POST":
        return None
    if request.POST.get(ANSWER) != WITH_MINE:
        return request.POST
    sent = request.POST.copy()
    sent[name] = with_address(sent.get(name, ""), getattr(request, "address", None))
    return sent


def is_unfinished(request: HttpRequest) -> bool:
    """Whether the form is only to be shown again, with what was typed."""
    return request.method == "POST" and (fetches_address(request) or request.POST.get(ANSWER) == BACK)


def shuts_out(request: StaffRequest, networks: str) -> bool:
    """Whether whoever asks would be out. Where nobody can tell where they are, any list shuts them out."""
    return bool(networks) and not is_within(request.address, networks.splitlines())


def question_before(request: StaffRequest, networks: str) -> HttpResponse | None:
    """The page that asks, which sends everything again with the answer; None where nobody would be out, or where the
    answer was *Save anyway*."""
    if not shuts_out(request, networks) or request.POST.get(ANSWER) == ANYWAY:
        return None
    sent = [(name, value) for name in request.POST if name not in _OURS for value in request.POST.getlist(name)]
    told = {"sent": sent, "address": str(request.address or ""), "answer": ANSWER}
    return render(request, "accounts/shut_out.html", told)
