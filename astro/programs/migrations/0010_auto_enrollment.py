import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import astro.kit.ids
import astro.tenancy.current
import astro.tenancy.walls


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0001_initial'),
        ('programs', '0009_audience'),
        ('tenancy', '0008_features_say_who'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AutoEnrollment',
            fields=[
                ('id', astro.kit.ids.IdField(serialize=False)),
                ('is_on', models.BooleanField()),
                ('covers_all', models.BooleanField(default=False)),
                ('decided_at', models.DateTimeField()),
                ('brand', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.brand')),
                ('decided_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('distributor', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.distributor')),
                ('retailer', astro.tenancy.walls.RetailerKey(db_index=False, default=astro.tenancy.current.current_retailer_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.retailer')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='AutoEnrollmentPlace',
            fields=[
                ('id', astro.kit.ids.IdField(serialize=False)),
                ('choice', astro.tenancy.walls.SameRetailerKey(on_delete=django.db.models.deletion.PROTECT, related_name='places', to='programs.autoenrollment')),
                ('distributor', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.distributor')),
                ('location', astro.tenancy.walls.SameRetailerKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.location')),
                ('retailer', astro.tenancy.walls.RetailerKey(db_index=False, default=astro.tenancy.current.current_retailer_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.retailer')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.AddField(
            model_name='enrollment',
            name='came_by',
            field=astro.tenancy.walls.SameRetailerKey(help_text='The standing choice that joined it; empty where somebody did by hand.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='enrollments', to='programs.autoenrollment'),
        ),
        migrations.AddIndex(
            model_name='enrollment',
            index=models.Index(condition=models.Q(('came_by__isnull', False)), fields=['retailer', 'came_by'], name='enrollment_by_choice'),
        ),
        migrations.AddIndex(
            model_name='autoenrollment',
            index=models.Index(fields=['retailer', 'brand', 'decided_at'], name='auto_enrollment_by_brand'),
        ),
        migrations.AddConstraint(
            model_name='autoenrollmentplace',
            constraint=models.UniqueConstraint(fields=('retailer', 'choice', 'location'), name='auto_enrollment_place_once'),
        ),
    ]
