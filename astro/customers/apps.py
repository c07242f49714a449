from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "astro.customers"
    label = "customers"
