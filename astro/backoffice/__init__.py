"""The door of the platform's own support: stores and their accounts, tickets, notices.

Whoever comes in here works for no store and stands in none: a page steps inside one store's wall to read it, and each
change is made there, with a reason that the store reads. No page shows a customer, or writes to one.
"""
