from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("programs", "0005_programs_may_be_sponsored")]

    operations = [
        migrations.AddField(
            model_name="program",
            name="is_private",
            field=models.BooleanField(
                default=False,
                help_text="Enrolling makes an application first.",
                verbose_name="the brand approves each location",
            ),
        ),
    ]
