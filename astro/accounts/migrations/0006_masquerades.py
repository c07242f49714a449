import astro.kit.ids
import astro.tenancy.current
import astro.tenancy.walls
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_pins'),
    ]

    operations = [
        migrations.CreateModel(
            name='SupportConsent',
            fields=[
                ('id', astro.kit.ids.IdField(serialize=False)),
                ('given_at', models.DateTimeField(editable=False)),
                ('until_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('retailer', astro.tenancy.walls.RetailerKey(db_index=False, default=astro.tenancy.current.current_retailer_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.retailer')),
                ('given_by', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['retailer', 'until_at'], name='consent_by_end')],
            },
        ),
        migrations.CreateModel(
            name='Masquerade',
            fields=[
                ('id', astro.kit.ids.IdField(serialize=False)),
                ('is_by_support', models.BooleanField(default=False, editable=False)),
                ('reason', models.CharField(max_length=200)),
                ('began_at', models.DateTimeField(editable=False)),
                ('until_at', models.DateTimeField(editable=False)),
                ('ended_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('membership', astro.tenancy.walls.SameRetailerKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('really_by', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('retailer', astro.tenancy.walls.RetailerKey(db_index=False, default=astro.tenancy.current.current_retailer_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.retailer')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['retailer', 'began_at'], name='masquerade_by_begin')],
            },
        ),
    ]
