from django.db import migrations

CARRY_OVER = """
insert into checkout_keptvisit
    (id, retailer_id, key, why, location_id, customer_id, by_id, device_id, body, body_hash, occurred_at, kept_at, visit_id,
     settled_at, settled_by_id, settled_how, settled_note)
select id, retailer_id, key, 'other_basket', location_id, customer_id, by_id, null, body, body_hash, null, refused_at, null,
       settled_at, settled_by_id, case when settled_at is null then '' else 'looked_at' end, ''
from checkout_refusedvisit
"""


class Migration(migrations.Migration):
    """What was refused at the till stands in the same list as what a till kept."""

    dependencies = [
        ('checkout', '0004_what_tills_kept'),
    ]

    operations = [
        migrations.RunSQL(CARRY_OVER, migrations.RunSQL.noop),
    ]
