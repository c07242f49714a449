"""Exceptions: items that a program does not list, asked onto a card by the store.

A ticket waits until support approves or rejects it in the brand's name, or the store withdraws it. Nothing counts
before approval; an approval brings the punches as a late entry of the day of the purchase, once.
"""
