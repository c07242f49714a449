from typing import Any

from django.db import migrations, models


def owe_nothing(apps: Any, schema_editor: Any) -> None:
    """What is known already counts as done so far: nothing is late on the day of the upgrade."""
    apps.get_model("kit", "Schedule").objects.filter(done=None).update(done=models.F("moment"))


class Migration(migrations.Migration):

    dependencies = [
        ('kit', '0002_plain_mail'),
    ]

    operations = [
        migrations.AddField(
            model_name='schedule',
            name='done',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='schedule',
            name='done_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(owe_nothing, migrations.RunPython.noop, elidable=True),
    ]
