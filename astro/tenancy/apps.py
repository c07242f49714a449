from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "astro.tenancy"
    label = "tenancy"
