import astro.kit.ids
import astro.tenancy.current
import astro.tenancy.walls
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('desk', '0001_sign_ups'),
        ('tenancy', '0007_locations_have_a_logo'),
    ]

    operations = [
        migrations.CreateModel(
            name='FirstSteps',
            fields=[
                ('id', astro.kit.ids.IdField(serialize=False)),
                ('has_several', models.BooleanField(default=False, verbose_name='several locations')),
                ('put_away_at', models.DateTimeField(null=True)),
                ('retailer', astro.tenancy.walls.RetailerKey(db_index=False, default=astro.tenancy.current.current_retailer_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.retailer')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('retailer',), name='first_steps_once')],
            },
        ),
    ]
