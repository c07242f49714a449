"""The customer's own app: sign in, see one's cards, say which messages one wants.

App accounts are people of the whole installation, by e-mail; other rows, other sign-in and another cookie than the
staff's. An `AppLink` ties one to a customer of a retailer, and everything read goes through it.
"""
