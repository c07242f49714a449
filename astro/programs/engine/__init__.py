"""What units bought do to program cards: the arithmetic of every kind of card, without rows and without a clock.

`terms` has the words (a rule, a unit, a round), `dealing` deals a whole history, `stamping` puts new units on top where
that comes to the same, `effects` tells what a basket would do and why the rest does nothing.
"""
