"""What the till of the demo store asks besides."""

import pytest

from astro.checkout.fields.queries import fields_asked
from astro.checkout.models import AskedFor
from astro.desk.demo.script import write_script
from astro.desk.demo.stage import open_store, stock_everyones
from astro.kit.clock import utc_now
from astro.tenancy.models import Location
from tests import cast
from tests.cast import inside


@pytest.mark.django_db
def test_initials_everywhere_and_the_register_at_midtown():
    now = utc_now()
    script = write_script(seed="fields", until=now.date(), now=now, share=0.1)
    with cast.platform("the demo's brands, products and programs are everyone's"):
        shared = stock_everyones(script, lambda stage: None)
    row = script.stores["retailer"][0]
    huxley = cast.make_retailer(name=row["name"])
    with inside(huxley):
        open_store(script, row, shared, lambda stage: None)
        asked = {place.name: fields_asked(place, AskedFor.VISIT) for place in Location.objects.all()}
    told = {name: [(one.label, one.kind, one.is_required) for one in fields] for name, fields in asked.items()}
    assert told == {
        "Midtown": [("Employee initials", "text", False), ("Register", "choice", False)],
        "Riverside": [("Employee initials", "text", False)],
    }
