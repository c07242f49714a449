from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "astro.desk"
    label = "desk"
