from django.urls import path

from astro.backoffice import (
    application_views,
    change_views,
    exception_views,
    notice_views,
    return_views,
    store_views,
    terms_views,
    ticket_views,
    version_views,
)

app_name = "backoffice"
STORE = "stores/<int:retailer_id>/"
PERSON = f"{STORE}people/<int:membership_id>/"
EXCEPTION = "exceptions/<int:retailer_id>/<int:exception_id>/"
TICKET = "tickets/<int:retailer_id>/<int:ticket_id>/"
urlpatterns = [
    path("", store_views.stores, name="home"),
    path("stores/", store_views.stores, name="stores"),
    path("stores/export/", store_views.export_stores, name="export_stores"),
    path(STORE, store_views.store, name="store"),
    path(f"{STORE}state/<slug:state>/", change_views.state, name="state"),
    path(f"{STORE}hold/", change_views.hold, name="hold"),
    path(f"{STORE}hold/lifting/", change_views.hold_lifting, name="hold_lifting"),
    path(f"{STORE}features/<slug:name>/<slug:switched>/", change_views.feature, name="feature"),
    path(f"{STORE}restriction/", change_views.restriction, name="restriction"),
    path(f"{PERSON}restriction/", change_views.member_restriction, name="member_restriction"),
    path(f"{PERSON}second-step/", change_views.second_step, name="second_step"),
    path(f"{STORE}administrator/", change_views.administrator, name="administrator"),
    path(f"{PERSON}contact/", change_views.contact, name="contact"),
    path("tickets/", ticket_views.tickets, name="tickets"),
    path("tickets/export/", ticket_views.export_tickets, name="export_tickets"),
    path(TICKET, ticket_views.ticket, name="ticket"),
    path(f"{TICKET}answers/", ticket_views.answers, name="answers"),
    path(f"{TICKET}closing/", ticket_views.closings, name="closing"),
    path("applications/", application_views.applications, name="applications"),
    path("applications/export/", application_views.export_applications, name="export_applications"),
    path(
        "applications/<int:retailer_id>/<int:application_id>/<slug:answer>/",
        application_views.application,
        name="application",
    ),
    path("exceptions/", exception_views.exceptions, name="exceptions"),
    path("exceptions/export/", exception_views.export_exceptions, name="export_exceptions"),
    path(EXCEPTION, exception_views.exception, name="exception"),
    path(f"{EXCEPTION}approval/", exception_views.create_approval, name="exception_approval"),
    path(f"{EXCEPTION}rejection/", exception_views.create_rejection, name="exception_rejection"),
    path(f"{EXCEPTION}taking-back/", exception_views.create_taking_back, name="exception_taking_back"),
    path("programs/", version_views.programs, name="programs"),
    path("programs/export/", version_views.export_programs, name="export_programs"),
    path("programs/<int:program_id>/", version_views.program, name="program"),
    path("programs/<int:program_id>/cards/<int:card_id>/versions/", version_views.version_new, name="version_new"),
    path(
        "programs/<int:program_id>/versions/<int:version_id>/withdrawal/",
        version_views.version_withdrawal,
        name="version_withdrawal",
    ),
    path("returns/", return_views.returns, name="returns"),
    path("returns/export/", return_views.export_returns, name="export_returns"),
    path("returns/terms/", terms_views.return_terms, name="return_terms"),
    path("returns/terms/<int:brand_id>/", terms_views.brand_return_terms, name="brand_return_terms"),
    path("returns/<int:retailer_id>/<int:return_id>/<slug:answer>/", return_views.answer_return, name="return"),
    path("notices/", notice_views.notices, name="notices"),
    path("notices/<int:notice_id>/endings/", notice_views.notice_endings, name="notice_endings"),
]
