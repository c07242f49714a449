"""Help when something does not work: access help, tickets, notices, the status page.

A *ticket* is a question to whoever runs this installation, from somebody who works here or from somebody who cannot
sign in; those belong to no retailer. A *notice* is what the operator tells all who work here. A *part* is something of
the installation that works or does not (`parts.py`); the parts are named in the settings, as they are modules above.

Always true: a form that is sent twice makes one ticket; nobody of a retailer reads a ticket that is not theirs; access
help and the status page open while the database does not answer.
"""
