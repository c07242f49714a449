import astro.kit.ids
import astro.tenancy.current
import astro.tenancy.walls
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_invitations'),
    ]

    operations = [
        migrations.CreateModel(
            name='Pin',
            fields=[
                ('id', astro.kit.ids.IdField(serialize=False)),
                ('digits_hash', models.CharField(editable=False, max_length=128)),
                ('tries', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('set_at', models.DateTimeField(editable=False)),
                ('retailer', astro.tenancy.walls.RetailerKey(db_index=False, default=astro.tenancy.current.current_retailer_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.retailer')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('retailer', 'user'), name='pin_once')],
            },
        ),
    ]
