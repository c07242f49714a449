"""A store's account: its state, its holds, and whom the platform writes to about a bill.

A *state* says what kind of account it is (trial, active, restricted, offers only, cancelled) and so what it has
(`tenancy.features.GIVEN`). A *hold* stops everything but this page while a bill is open, and changes no data. The
*primary billing contact* is the one person of the store whom a bill is sent to.

Always true: how an account stands now is on `Retailer`, read with the session; every change of it is a row here, with
who made it and why, and an event that the store reads.
"""
