import django.db.models.deletion
from django.db import migrations, models

import astro.kit.ids
import astro.tenancy.current
import astro.tenancy.walls

RETAILER = {
    "db_index": False,
    "default": astro.tenancy.current.current_retailer_id,
    "editable": False,
    "on_delete": django.db.models.deletion.PROTECT,
    "related_name": "+",
    "to": "tenancy.retailer",
}
OPTIONS = {"abstract": False, "base_manager_name": "objects", "default_manager_name": "objects"}


class Migration(migrations.Migration):
    dependencies = [
        ("activity", "0003_events_are_found"),
        ("tenancy", "0008_features_say_who"),
    ]

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", astro.kit.ids.IdField(serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("from_id", models.BigIntegerField()),
                ("until_id", models.BigIntegerField()),
                ("until_at", models.DateTimeField()),
                ("made_at", models.DateTimeField()),
                ("count", models.PositiveIntegerField()),
                ("late_count", models.PositiveIntegerField(default=0)),
                ("rows", models.BinaryField()),
                ("digest", models.CharField(max_length=64)),
                ("retailer", astro.tenancy.walls.RetailerKey(**RETAILER)),
            ],
            options={
                **OPTIONS,
                "indexes": [models.Index(fields=["retailer", "until_id"], name="seal_by_end")],
                "constraints": [models.UniqueConstraint(fields=("retailer", "number"), name="seal_once")],
            },
        ),
        migrations.CreateModel(
            name="SealHead",
            fields=[
                ("id", astro.kit.ids.IdField(serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("until_id", models.BigIntegerField()),
                ("until_at", models.DateTimeField()),
                ("digest", models.CharField(max_length=64)),
                ("mark", models.CharField(max_length=64)),
                ("retailer", astro.tenancy.walls.RetailerKey(**RETAILER)),
            ],
            options={
                **OPTIONS,
                "constraints": [models.UniqueConstraint(fields=("retailer",), name="one_last_seal")],
            },
        ),
    ]
