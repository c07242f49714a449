from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customer_app', '0003_sessions_look_at_a_retailer'),
    ]

    operations = [
        migrations.AddField(
            model_name='appaccount',
            name='reset_asked_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
