import astro.kit.ids
import astro.tenancy.current
import astro.tenancy.walls
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_people_of_the_platform'),
    ]

    operations = [
        migrations.AddField(
            model_name='membership',
            name='networks',
            field=models.TextField(blank=True, help_text='Addresses and CIDR, one a line; empty: from anywhere.'),
        ),
        migrations.AddField(
            model_name='membership',
            name='support_contact',
            field=models.ForeignKey(blank=True, db_index=False, help_text='Whose e-mail gets the answers to tickets, where this person has none.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
    ]
