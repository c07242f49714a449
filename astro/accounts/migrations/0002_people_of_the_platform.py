import astro.kit.ids
import astro.tenancy.current
import astro.tenancy.walls
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_people_and_tills'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='has_given_password',
            field=models.BooleanField(default=False, help_text='Somebody else chose the password; its person chooses one before going on.'),
        ),
        migrations.AddField(
            model_name='user',
            name='is_support',
            field=models.BooleanField(default=False, help_text='Works for the platform, and so for no store.', verbose_name='platform support'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('is_support', False), ('email__isnull', False), _connector='OR'), name='support_has_an_email'),
        ),
    ]
