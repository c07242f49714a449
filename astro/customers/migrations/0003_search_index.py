"""The index that look-up asks: trigrams by retailer, in each engine's own way."""

from django.db import migrations

from astro.customers.fragments import drop_index, raise_index


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_trigram_extensions")]

    operations = [migrations.RunPython(raise_index, drop_index)]
