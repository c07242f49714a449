import astro.kit.ids
import astro.tenancy.current
import astro.tenancy.walls
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_memberships_say_from_where'),
    ]

    operations = [
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', astro.kit.ids.IdField(serialize=False)),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('role', models.CharField(choices=[('cashier', 'Cashier'), ('administrator', 'Administrator'), ('master', 'Master administrator')], max_length=13, verbose_name='role')),
                ('places', models.JSONField(default=list)),
                ('networks', models.TextField(blank=True)),
                ('token_hash', models.CharField(editable=False, max_length=64)),
                ('sent_at', models.DateTimeField(editable=False)),
                ('until_at', models.DateTimeField(editable=False)),
                ('accepted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('retailer', astro.tenancy.walls.RetailerKey(db_index=False, default=astro.tenancy.current.current_retailer_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.retailer')),
                ('sent_by', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(condition=models.Q(('accepted_at__isnull', True), ('withdrawn_at__isnull', True)), fields=('retailer', 'email'), name='invited_once')],
            },
        ),
    ]
