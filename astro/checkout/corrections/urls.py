"""Addresses of putting right. They stand among those of the module."""

from django.urls import path

from astro.checkout.corrections import report_views, views

CORRECTIONS = [
    path("corrections/", report_views.show_report, name="corrections"),
    path("corrections/export/", report_views.export_report, name="corrections_export"),
    path("corrections/<int:correction_id>/", report_views.show_correction, name="correction"),
    path("corrections/returns/", views.settings, name="return_rule"),
    path("<int:customer_id>/purchases/<int:purchase_id>/correction/", views.put_purchase_right, name="put_right"),
    path("<int:customer_id>/purchases/<int:purchase_id>/put-back/", views.put_purchase_back, name="put_back"),
    path("<int:customer_id>/visits/<uuid:key>/move/", views.move_visit, name="move_visit"),
    path("<int:customer_id>/cards/<int:card_id>/transfer/", views.transfer_card, name="transfer_card"),
    path("<int:customer_id>/cards/<int:card_id>/split/", views.split_card, name="split_card"),
    path("<int:customer_id>/punches/new/", views.add_punches, name="add_punches"),
]
