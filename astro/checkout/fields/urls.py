"""Addresses of the store's own fields. They stand among those of the module."""

from django.urls import path

from astro.checkout.fields import flagged_views, views

FIELDS = [
    path("fields/", views.show_fields, name="fields"),
    path("fields/new/", views.new_field, name="field_new"),
    path("fields/answers/", flagged_views.show_flagged, name="answers"),
    path("fields/answers/export/", flagged_views.export_flagged, name="answers_export"),
    path("fields/answers/<int:answer_id>/", flagged_views.put_right, name="answer"),
    path("fields/<int:field_id>/", views.edit_field, name="field"),
    path("fields/<int:field_id>/moves/", views.create_move, name="field_moves"),
    path("fields/<int:field_id>/switches/", views.create_switch, name="field_switches"),
]
