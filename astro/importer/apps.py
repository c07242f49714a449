from django.apps import AppConfig


class ImporterConfig(AppConfig):
    name = "astro.importer"
    default_auto_field = "django.db.models.BigAutoField"
