from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customer_app', '0002_app_retailers'),
    ]

    operations = [
        migrations.AddField(
            model_name='appsession',
            name='at_retailer',
            field=models.BigIntegerField(blank=True, null=True),
        ),
    ]
