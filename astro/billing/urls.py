from django.urls import path

from astro.billing import views

app_name = "billing"
urlpatterns = [
    path("account/billing/", views.billing, name="billing"),
    path("account/billing/contact/", views.save_contact, name="contact"),
]
