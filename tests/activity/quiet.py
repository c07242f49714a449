"""What needs no event, each with its reason."""

UNRECORDED = {
    "accounts_pin": "wrong tries are counted there; setting, removing and switching one off have events of their own",
    "accounts_staffsession": "sessions; who signed in is `signed in`, who began to act `acting began`",
    "programs_programpicture": "it waits for its program, whose event follows; alone it is forgotten after a day",
    "checkout_cardphoto": "a picture waits for its paper card, whose event follows; alone it is forgotten after a day",
    "checkout_presence": "who stands at a till just now; forgotten by itself",
    "checkout_tillqueue": "how many purchases wait on a till; each is told when it arrives",
    "customers_seenat": "where and when a customer was here last; what happened there has its event",
    "customers_likelydouble": "bookkeeping of who may be whom, worked out again at any time",
    "desk_firststeps": "hints on the home page were put away",
    "importer_columnmemory": "what a heading meant last time, for the next list",
    "kit_outboxrow": "work for afterwards; what comes of it is told where it is done",
    "messaging_delivery": "how far a message came, told by who carries it; the delivery itself keeps it",
    "messaging_report": "what a mail or text service says of a message, as it came",
}
"""Tables: a request that writes to nothing else needs no event."""

OPEN_FILES = {
    "backoffice:export_applications": "the platform's own list of which stores ask a brand to take part",
    "backoffice:export_exceptions": "the platform's own list of what stores ask onto cards; no customer is in it",
    "backoffice:export_programs": "brands' programs, which belong to no store",
    "backoffice:export_returns": "the platform's own list of goods brought back; no customer is in it",
    "backoffice:export_stores": "the platform's own list of accounts, which belongs to no store",
    "backoffice:export_tickets": "the platform's own list of what waits; what was written is not in it",
    "importer:template": "an empty form to fill in",
    "programs:products_export": "products and barcodes, the same for every store",
}
"""Routes whose files hold nothing about people or the store."""

READ_WITH_CARE = {
    "accounts:actings": "who acted as whom",
    "checkout:paper_photo": "a paper card may show a name",
    "customers:told": "everything that is kept of somebody",
    "messaging:kept": "what was written to somebody",
}
"""Routes that show so much of somebody that opening them is told as well."""
