from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_masquerades_tell_more"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="has_second_step",
            field=models.BooleanField(
                default=False, editable=False, help_text="Signs in with an app or a passkey besides the password."
            ),
        ),
    ]
