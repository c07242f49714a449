"""Addresses of what comes after its day. They stand among those of the module."""

from django.urls import path

from astro.checkout import late_report_views, late_views, paper_card_views

LATE = [
    path("set-aside/", late_views.find, name="late_find"),
    path("late/", late_report_views.show_report, name="late"),
    path("late/export/", late_report_views.export_report, name="late_export"),
    path("late/settings/", late_views.settings, name="late_settings"),
    path("<int:customer_id>/late/new/", late_views.enter, name="late_new"),
    path("<int:customer_id>/paper-card/", paper_card_views.take_over, name="paper_card"),
    path("<int:customer_id>/paper-cards/<int:paper_id>/", paper_card_views.show, name="paper"),
    path("<int:customer_id>/paper-cards/<int:paper_id>/undo/", paper_card_views.take_back, name="paper_undo"),
    path("<int:customer_id>/paper-cards/<int:paper_id>/photo/", paper_card_views.photo, name="paper_photo"),
]
