import astro.kit.ids
import astro.tenancy.current
import astro.tenancy.walls
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_masquerades'),
    ]

    operations = [
        migrations.AddField(
            model_name='staffsession',
            name='really_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='staffsession',
            name='masquerade',
            field=astro.tenancy.walls.SameRetailerKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.masquerade'),
        ),
        migrations.AddField(
            model_name='staffsession',
            name='acting_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='staffsession',
            name='is_by_pin',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='staffsession',
            name='signed_in_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='staffsession',
            name='last_used_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='staffsession',
            name='address',
            field=models.GenericIPAddressField(null=True),
        ),
        migrations.AddField(
            model_name='staffsession',
            name='label',
            field=models.CharField(blank=True, max_length=80),
        ),
    ]
