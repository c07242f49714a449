from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("programs", "0003_enrollments_say_who_left")]

    operations = [
        migrations.AlterField(
            model_name="program",
            name="ends_on",
            field=models.DateField(
                blank=True,
                help_text="The last day to join, to punch and to redeem, for every store.",
                null=True,
                verbose_name="ends",
            ),
        ),
    ]
