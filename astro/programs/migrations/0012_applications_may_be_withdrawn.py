import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import astro.kit.ids
import astro.tenancy.current
import astro.tenancy.walls


class Migration(migrations.Migration):

    dependencies = [
        ('programs', '0011_versions_are_announced'),
        ('tenancy', '0008_features_say_who'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='application',
            name='attempt',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.RemoveConstraint(
            model_name='application',
            name='application_once_a_program',
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.UniqueConstraint(fields=('retailer', 'location', 'program', 'attempt'), name='application_once_an_attempt'),
        ),
        migrations.CreateModel(
            name='ApplicationWithdrawal',
            fields=[
                ('id', astro.kit.ids.IdField(serialize=False)),
                ('withdrawn_at', models.DateTimeField()),
                ('application', astro.tenancy.walls.SameRetailerKey(on_delete=django.db.models.deletion.PROTECT, related_name='withdrawals', to='programs.application')),
                ('retailer', astro.tenancy.walls.RetailerKey(db_index=False, default=astro.tenancy.current.current_retailer_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.retailer')),
                ('withdrawn_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.AddConstraint(
            model_name='applicationwithdrawal',
            constraint=models.UniqueConstraint(fields=('retailer', 'application'), name='application_withdrawn_once'),
        ),
    ]
