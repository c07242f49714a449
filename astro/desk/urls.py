from django.urls import path

from astro.desk import customer_views, first_steps, installing, views
from astro.desk.activity import views as activity_views
from astro.desk.customer_page import KINDS
from astro.desk.signing_up import views as sign_up_views

app_name = "desk"
PARTS = [
    path(f"customers/<int:customer_id>/{part}/", customer_views.show_part, {"part": part}, name=f"customer_{part}")
    for part in KINDS
]
urlpatterns = [
    path("", views.home, name="home"),
    path("first-steps/put-away/", first_steps.put_away, name="put_away_first_steps"),
    path("sign-up/", sign_up_views.sign_up, name="sign_up"),
    path("sign-up/sent/", sign_up_views.sent, name="sign_up_sent"),
    path("sign-up/<str:token>/", sign_up_views.confirm_sign_up, name="confirm_sign_up"),
    path("help/", views.show_help, name="help"),
    path("account/activity/", activity_views.activity, name="activity"),
    path("account/activity/export/", activity_views.export_activity, name="export_activity"),
    path("sw.js", installing.service_worker, name="service_worker"),
    path("manifest.webmanifest", installing.manifest, name="manifest"),
    path("customers/<int:customer_id>/", customer_views.show_customer, name="customer"),
    path("customers/<int:customer_id>/note/", customer_views.save_note, name="customer_note"),
    *PARTS,
]
