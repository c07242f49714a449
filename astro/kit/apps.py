from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "astro.kit"
    label = "kit"
