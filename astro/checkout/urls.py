from django.urls import path

from astro.checkout import (
    arrival_views,
    finish_views,
    history_views,
    kept_views,
    offline_views,
    presence_views,
    till_views,
    undo_views,
    views,
)
from astro.checkout.corrections.urls import CORRECTIONS
from astro.checkout.exceptions.urls import EXCEPTIONS
from astro.checkout.fields.urls import FIELDS
from astro.checkout.late_urls import LATE
from astro.checkout.returns.urls import RETURNS

app_name = "checkout"
urlpatterns = [
    path("", views.look_up, name="look_up"),
    path("catalogue.json", views.show_catalogue, name="catalogue"),
    path("arrivals/", arrival_views.create_arrival, name="arrivals"),
    path("waiting/", arrival_views.note_queue, name="waiting"),
    path("offline/", offline_views.offline, name="offline"),
    path("day/", views.show_day, name="day"),
    path("day/export/", views.export_day, name="day_export"),
    *LATE,
    *FIELDS,
    *CORRECTIONS,
    *EXCEPTIONS,
    *RETURNS,
    path("kept/", kept_views.show_list, name="kept"),
    path("kept/export/", kept_views.export_list, name="kept_export"),
    path("kept/<int:kept_id>/", kept_views.show_one, name="kept_one"),
    path("kept/<int:kept_id>/settlements/", kept_views.settle, name="kept_settle"),
    path("<int:customer_id>/", till_views.till, name="till"),
    path("<int:customer_id>/preview/", till_views.preview, name="preview"),
    path("<int:customer_id>/offers/", till_views.show_offers, name="offers"),
    path("<int:customer_id>/purchases/<int:purchase_id>/removals/", till_views.create_removal, name="removals"),
    path("<int:customer_id>/visits/", views.create_visit, name="visits"),
    path("<int:customer_id>/redeem/", finish_views.redeem, name="redeem"),
    path("<int:customer_id>/finish/", finish_views.finish, name="finish"),
    path("<int:customer_id>/here/", presence_views.here, name="here"),
    path("<int:customer_id>/history/", history_views.history, name="history"),
    path("<int:customer_id>/history/export/", history_views.export_history, name="history_export"),
    path("<int:customer_id>/cards/<int:card_id>/note/", history_views.note, name="note"),
    path("<int:customer_id>/purchases/<int:purchase_id>/removal/", undo_views.removal, name="removal"),
    path("<int:customer_id>/redemptions/<int:redemption_id>/undo/", undo_views.undo_redemption, name="undo_redemption"),
    path("<int:customer_id>/visits/<uuid:key>/undo/", undo_views.undo_visit, name="undo_visit"),
    path("visits/<uuid:key>/", history_views.show_visit, name="visit"),
]
