from django.apps import AppConfig


class CreditsConfig(AppConfig):
    name = "astro.credits"
    label = "credits"
