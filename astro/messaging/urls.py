"""Addresses of messages: what the world outside calls, and what people who work here read."""

from django.urls import include, path

from astro.messaging import answer_views, mailbox_views, preview_views, store_views
from astro.messaging.mail import hooks

app_name = "messaging"
urlpatterns = [
    path("", include("astro.messaging.texts.urls")),
    path("hooks/mail/", hooks.mail_status, name="mail_status"),
    path("m/verify/<str:token>/", answer_views.verify, name="verify"),
    path("m/return/<str:token>/", answer_views.return_to_list, name="return"),
    path("m/unsubscribe/<str:token>/", answer_views.unsubscribe, name="unsubscribe"),
    path("m/one-click/<str:token>/", answer_views.one_click, name="one_click"),
    path("m/terms/<int:retailer_id>/", answer_views.terms, name="terms"),
    path("messages/mailbox/", mailbox_views.mailbox, name="mailbox"),
    path("messages/mailbox/<int:kept_id>/", mailbox_views.kept, name="kept"),
    path("messages/mailbox/<int:kept_id>/letter/", mailbox_views.kept_letter, name="kept_letter"),
    path("messages/store/", store_views.store_details, name="store"),
    path("messages/welcome/preview/", preview_views.preview_welcome, name="preview_welcome"),
]
