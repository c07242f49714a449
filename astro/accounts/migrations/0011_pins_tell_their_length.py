from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_users_know_their_second_step"),
    ]

    operations = [
        migrations.AddField(
            model_name="pin",
            name="digits_count",
            field=models.PositiveSmallIntegerField(default=4, editable=False),
        ),
    ]
