from django.db import migrations, models


class Migration(migrations.Migration):
    """By time, by person and by name: the log of a store has millions of rows."""

    dependencies = [
        ("activity", "0002_events_tell_from_where"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["retailer", "at", "id"], name="event_by_time"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["retailer", "by_user_id", "at"], name="event_by_person"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("really_by_id__isnull", False)),
                fields=["retailer", "really_by_id", "at"],
                name="event_by_real_person",
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["retailer", "name", "at"], name="event_by_name"),
        ),
    ]
