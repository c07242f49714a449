from django.apps import AppConfig


class ActivityConfig(AppConfig):
    name = "astro.activity"
    label = "activity"
