from django.apps import AppConfig


class CheckoutConfig(AppConfig):
    name = "astro.checkout"
    label = "checkout"
