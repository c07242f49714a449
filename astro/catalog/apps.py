from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "astro.catalog"
    label = "catalog"
