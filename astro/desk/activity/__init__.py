"""The activity log in the browser: everything that happened in the store, by whom, really by whom, and from where.

An event holds ids and names of fields only. Who it is about is looked up when the page is made, and shown by the name
they have now: so an erased customer is “An erased customer” on every line, and nothing needs to be wiped here.
"""
