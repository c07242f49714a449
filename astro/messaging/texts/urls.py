"""Addresses of texts: the service's hooks, and the replies that people read."""

from django.urls import path

from astro.messaging.texts import hooks, reply_views

urlpatterns = [
    path("hooks/texts/<int:retailer_id>/in/", hooks.text_in, name="text_in"),
    path("hooks/texts/<int:retailer_id>/status/<str:token>/", hooks.text_status, name="text_status"),
    path("messages/replies/", reply_views.show_replies, name="replies"),
    path("messages/replies/export/", reply_views.export_replies, name="export_replies"),
    path("messages/replies/<int:reply_id>/settlements/", reply_views.settle_reply, name="settle_reply"),
]
