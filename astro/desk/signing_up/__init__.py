"""Signing a store up: the form, the letter with its link, and opening the store.

Where mail goes out, the form says the same to everyone and looks nobody up: the worker finds out whether the address is
known, and writes either the link or that there is an account already. The store opens when the link is opened and the
password typed again, so that whoever typed somebody else's address gets nothing that its owner would confirm. Where no
mail goes out (a trial on one's own machine), the store opens at once, and a known address is told so plainly: nobody
could be told in any other way, and nobody but the machine's owner is asking.
"""
