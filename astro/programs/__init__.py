"""What a store can promise its customers, and what it has joined.

A *program* belongs to a brand (or is one store's own). It has *program cards*, usually by species and size, each with
the products that fill it and the products that may be the reward. The rules of a program (buy X get Y, reward rule,
punch expiry, required data) stand in *versions*, each from a day on; a customer's card keeps the version that it was
opened under. A location *enrolls*, from a day, perhaps until one, with the distributor that pays it back; an enrollment
whose last day lies before its first was taken back and counts on no day.

Always true: a location is enrolled in a program at most once at a time; a distributor of an enrollment carries the
program and serves the location's state or province, or there is none (Temporary Holding, or a program that the store
or the brand settles itself).
"""
