"""Addresses of goods that customers brought back. They stand among those of the module."""

from django.urls import path

from astro.checkout.returns import views

RETURNS = [
    path("returns/", views.show_list, name="returns"),
    path("returns/export/", views.export_list, name="returns_export"),
    path("returns/find/", views.find, name="return_find"),
    path("returns/customers/<int:customer_id>/new/", views.enter, name="return_new"),
    path("returns/<int:return_id>/", views.show_one, name="return"),
    path("returns/<int:return_id>/steps/", views.create_step, name="return_steps"),
]
