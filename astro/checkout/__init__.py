"""A visit to the till: what was bought, and what that did to the customer's cards.

The till makes the *visit*'s key, so the same visit may be sent any number of times and counts once; the same key with
another body is refused and kept as a `KeptVisit` for a person to look at. A *purchase* is one line: a product and a
number of units, with a copy of what the product was called and cost that day.

A till without a connection keeps its visits and sends them later. Such an *arrival* is always taken: recorded as of its
real moment, or kept for a person (`arriving.py`). A *late entry* is a purchase that a person enters after its day.
"""
