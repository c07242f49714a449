from django.apps import AppConfig


class CardsConfig(AppConfig):
    name = "astro.cards"
    label = "cards"
