"""A visit to the till: what was bought, and what that did to the customer's cards.

The till makes the *visit*'s key, so the same visit may be sent any number of times and counts once; the same key with
another body is refused and kept as a `RefusedVisit` for a person to look at. A *purchase* is one line: a product and a
number of units, with a copy of what the product was called and cost that day.
"""
