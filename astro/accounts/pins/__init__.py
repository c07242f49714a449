"""PINs: a few digits with which somebody takes over an enrolled till while others wait.

A PIN is good at the tills of one store, for who works at the till's location, and opens what a cashier does there and
no more, whoever it belongs to. The till's own secret is the other half of the proof: without its cookie nobody is asked
for a PIN, and nobody learns who works there. After five wrong ones in a row it is off until its person has signed in
with the password.
"""
