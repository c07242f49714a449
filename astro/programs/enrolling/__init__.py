"""Enrolling many at once: cells of the grid of programs against locations, joined together and undone together."""
