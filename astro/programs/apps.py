from django.apps import AppConfig


class ProgramsConfig(AppConfig):
    name = "astro.programs"
    label = "programs"
