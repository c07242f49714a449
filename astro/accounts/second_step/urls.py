"""The names that allauth itself goes by, outside of any namespace. Nothing else of allauth has an address here."""

from django.urls import path

from astro.accounts import views
from astro.accounts.second_step import proof, sign_in_views

urlpatterns = [
    path("sign-in/", views.sign_in, name="account_login"),
    path("sign-in/second-step/", sign_in_views.show_second_step, name="mfa_authenticate"),
    path("me/second-step/proof/", proof.prove, name="account_reauthenticate"),
]
