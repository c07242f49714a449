import astro.kit.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('kit', '0003_schedule_done'),
    ]

    operations = [
        migrations.CreateModel(
            name='Milestone',
            fields=[
                ('id', astro.kit.ids.IdField(serialize=False)),
                ('kind', models.CharField(max_length=100)),
                ('made_at', models.DateTimeField()),
                ('facts', models.JSONField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind',), name='milestone_once')],
            },
        ),
    ]
