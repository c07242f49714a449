from django.apps import AppConfig


class CustomerAppConfig(AppConfig):
    name = "astro.customer_app"
    default_auto_field = "django.db.models.BigAutoField"
