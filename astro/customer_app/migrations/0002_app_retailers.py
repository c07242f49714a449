import astro.kit.ids
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customer_app', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='AppRetailer',
            fields=[
                ('id', astro.kit.ids.IdField(serialize=False)),
                ('number', models.BigIntegerField()),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='retailers', to='customer_app.appaccount')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('account', 'number'), name='app_retailer_once')],
            },
        ),
    ]
