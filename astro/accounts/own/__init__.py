"""What everybody settles about themselves: their password, and where they are signed in.

Nobody does it in another's name (`@by_oneself`), nor with a PIN alone.
"""
