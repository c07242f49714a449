from django.urls import path

from astro.accounts import device_views, views
from astro.accounts.acting import consent_views, list_views
from astro.accounts.acting import views as acting_views
from astro.accounts.addresses import views as address_views
from astro.accounts.forgotten import views as forgotten_views
from astro.accounts.own import views as own_views
from astro.accounts.people import invitation_views, overview, person_views
from astro.accounts.people import views as people_views
from astro.accounts.pins import views as pin_views
from astro.accounts.places import views as place_views
from astro.accounts.second_step import sign_in_views as step_in_views
from astro.accounts.second_step import store_views as step_store_views
from astro.accounts.second_step import views as step_views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/work/", views.choose_work, name="choose_work"),
    path("sign-in/forgotten/", forgotten_views.forgotten, name="forgotten"),
    path("sign-in/new-password/<str:token>/", forgotten_views.new_password, name="new_password"),
    path("me/", own_views.me, name="me"),
    path("me/name/", own_views.name, name="name"),
    path("me/password/", own_views.password, name="password"),
    path("me/sessions/", own_views.sessions, name="sessions"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("location/", views.switch_location, name="switch_location"),
    path("devices/", device_views.devices, name="devices"),
    path("devices/<int:device_id>/retirements/", device_views.retirements, name="retirements"),
    path("invitation/<str:token>/", invitation_views.invitation, name="invitation"),
    path("account/", overview.account, name="account"),
    path("account/users/", people_views.users, name="users"),
    path("account/users/export/", people_views.export_users, name="export_users"),
    path("account/users/new/", people_views.new_user, name="new_user"),
    path("account/users/<int:membership_id>/", people_views.user, name="user"),
    path("account/users/<int:membership_id>/edit/", people_views.edit_user, name="edit_user"),
    path("account/users/<int:membership_id>/removals/", person_views.remove_user, name="remove_user"),
    path("account/users/<int:membership_id>/restorations/", person_views.restore_user, name="restore_user"),
    path("account/users/<int:membership_id>/password/", person_views.set_password, name="set_password"),
    path("account/users/<int:membership_id>/sessions/", person_views.ended_sessions, name="end_sessions"),
    path("account/users/<int:membership_id>/letters/", person_views.password_letters, name="password_letters"),
    path("account/invitations/<int:invitation_id>/", person_views.sent_invitation, name="sent_invitation"),
    path(
        "account/invitations/<int:invitation_id>/letters/", person_views.invitation_letters, name="invitation_letters"
    ),
    path(
        "account/invitations/<int:invitation_id>/withdrawals/",
        person_views.invitation_withdrawals,
        name="invitation_withdrawals",
    ),
    path("account/locations/", place_views.locations, name="locations"),
    path("account/locations/new/", place_views.new_location, name="new_location"),
    path("account/locations/<int:location_id>/", place_views.location, name="location"),
    path("account/locations/<int:location_id>/edit/", place_views.edit_location, name="edit_location"),
    path("account/locations/<int:location_id>/hours/", place_views.location_hours, name="location_hours"),
    path("account/locations/<int:location_id>/logo/", place_views.location_logo, name="location_logo"),
    path("logo/<int:retailer_id>/<int:logo_id>/small.png", place_views.logo, {"size": "small"}, name="small_logo"),
    path("logo/<int:retailer_id>/<int:logo_id>/logo.png", place_views.logo, {"size": "large"}, name="logo"),
    path("sign-in/passkey/", step_in_views.sign_in_by_passkey, name="sign_in_by_passkey"),
    path("me/second-step/", step_views.second_step, name="second_step"),
    path("me/second-step/app/", step_views.add_app, name="add_app"),
    path("me/second-step/app/removals/", step_views.remove_app, name="remove_app"),
    path("me/second-step/passkeys/new/", step_views.add_passkey, name="add_passkey"),
    path("me/second-step/passkeys/<int:passkey_id>/", step_views.passkey, name="passkey"),
    path("me/second-step/passkeys/<int:passkey_id>/removals/", step_views.remove_passkey, name="remove_passkey"),
    path("me/second-step/codes/", step_views.recovery_codes, name="recovery_codes"),
    path("me/pin/", pin_views.pin, name="pin"),
    path("till/switch/", pin_views.switch_person, name="switch_person"),
    path("till/lock/", pin_views.lock, name="lock"),
    path("account/second-step/", step_store_views.store_second_step, name="store_second_step"),
    path(
        "account/second-step/<int:membership_id>/removals/",
        step_store_views.second_step_removals,
        name="second_step_removals",
    ),
    path("account/addresses/", address_views.addresses, name="addresses"),
    path("account/addresses/mine/", address_views.own_addresses, name="own_addresses"),
    path("account/users/<int:membership_id>/acting/", acting_views.act, name="act"),
    path("acting/support/<int:retailer_id>/<int:membership_id>/", acting_views.support_act, name="support_act"),
    path("acting/stop/", acting_views.stop, name="stop_acting"),
    path("account/acting/", list_views.actings, name="actings"),
    path("account/acting/export/", list_views.export_actings, name="export_actings"),
    path("account/consents/", consent_views.consents, name="consents"),
    path("account/consents/withdrawals/", consent_views.withdrawals, name="withdraw_consents"),
    path("account/consents/rule/", consent_views.rule, name="consent_rule"),
]
