from django.urls import path

from astro.support import public_views, stranger_views, ticket_views

app_name = "support"
urlpatterns = [
    path("status/", public_views.status, name="status"),
    path("status.json", public_views.status_json, name="status_json"),
    path("access-help/", public_views.access_help, name="access_help"),
    path("access-help/echo", public_views.echo, name="echo"),
    path("access-help/restriction", public_views.restriction, name="restriction"),
    path("access-help/tickets/", stranger_views.send, name="send"),
    path("access-help/write/", stranger_views.write, name="write"),
    path("help/notices/<int:notice_id>/hide/", ticket_views.hide_notice, name="hide_notice"),
    path("help/tickets/", ticket_views.tickets, name="tickets"),
    path("help/tickets/export/", ticket_views.export_tickets, name="export_tickets"),
    path("help/tickets/new/", ticket_views.new_ticket, name="new_ticket"),
    path("help/tickets/<int:ticket_id>/", ticket_views.ticket, name="ticket"),
    path("help/tickets/<int:ticket_id>/replies/", ticket_views.replies, name="replies"),
    path("help/tickets/<int:ticket_id>/closing/", ticket_views.close_ticket, name="close"),
]
