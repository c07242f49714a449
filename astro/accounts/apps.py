from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "astro.accounts"
    label = "accounts"
