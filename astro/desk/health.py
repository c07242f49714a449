"""`/live` and `/ready`, for whatever watches over this installation. No secrets here: `astro doctor` tells more."""

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from astro.accounts.access import public
from astro.desk.checkup import BEFORE_VISITORS, Check


@public
@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return JsonResponse({"live": True})


@public
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Visitors may come: the database is writable and migrated, the walls stand, the outbox is young."""
    problem = next((sentence for sentence, check in BEFORE_VISITORS.items() if _fails(check)), None)
    if problem is None:
        return JsonResponse({"ready": True})
    return JsonResponse({"ready": False, "problem": problem}, status=503)


def _fails(check: Check) -> bool:
    try:
        return bool(check())
    except DatabaseError:
        return True
