from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('checkout', '0005_refused_visits_are_kept'),
    ]

    operations = [
        migrations.DeleteModel(
            name='RefusedVisit',
        ),
    ]
