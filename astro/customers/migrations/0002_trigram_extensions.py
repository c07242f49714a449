"""What PostgreSQL needs for look-up by fragment. Both extensions are trusted: the owner of the database may make them."""

from django.contrib.postgres.operations import BtreeGinExtension, TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]

    operations = [TrigramExtension(), BtreeGinExtension()]
