"""Addresses of exceptions. They stand among those of the module."""

from django.urls import path

from astro.checkout.exceptions import views

EXCEPTIONS = [
    path("exceptions/", views.show_list, name="exceptions"),
    path("exceptions/export/", views.export_list, name="exceptions_export"),
    path("exceptions/<int:exception_id>/", views.show_one, name="exception"),
    path("exceptions/<int:exception_id>/withdrawal/", views.create_withdrawal, name="exception_withdrawal"),
    path("<int:customer_id>/cards/of/<int:program_card_id>/exception/", views.new_exception, name="exception_new"),
]
