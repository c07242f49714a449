"""Putting right what was entered wrongly, on any day: each correction is tried first, told, done once, and undone."""
