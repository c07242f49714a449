"""Whether what an offer gave to everybody is what was handed out of it: over all retailers, not one by one."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Sum

from astro.cards.models import Redemption
from astro.kit.findings import Checked, Finding, Row
from astro.programs.models import OfferTotal
from astro.tenancy.current import across_retailers
from astro.tenancy.middleware import reading

TABLE = OfferTotal._meta.db_table


def findings(*, checked: Checked) -> Iterator[Finding]:
    """Each total that disagrees. A till may be handing one out meanwhile: who asks looks twice."""
    with across_retailers("an offer's total is over all stores"), reading():
        totals = list(OfferTotal.objects.order_by("pk"))
        given = Redemption.objects.filter(is_live=True, is_practice=False)
        rows = given.filter(program_card__program__in=[total.program_id for total in totals]).order_by()
        sums = rows.values("program_card__program").annotate(used=Count("id"), used_cents=Sum("gift_cents"))
        by_program = {row["program_card__program"]: (row["used"], row["used_cents"] or 0) for row in sums}
    if totals:
        checked["offer totals"] += len(totals)
    for total in totals:
        used, used_cents = by_program.get(total.program_id, (0, 0))
        yield from Row(TABLE, total.pk, 0).differences(total, {"used": used, "used_cents": used_cents})
