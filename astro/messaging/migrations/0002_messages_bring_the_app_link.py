
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='delivery',
            name='kind',
            field=models.CharField(choices=[('welcome_email', 'Welcome Email'), ('opt_in_text', 'SMS Opt In Text'), ('unsubscribed', 'Confirmation of unsubscribing'), ('subscribed', 'Confirmation of opting in'), ('stopped', 'Confirmation of opting out'), ('help', 'Answer to HELP'), ('app_link', 'Link to set a password for the app')], max_length=16),
        ),
    ]
