"""What operators know first: requests watched and counted, gauges, the nightly recount, backups.

`watching` stands before every request: it names it, times it, counts it and writes the one access line. `gauges` asks
the database what is true of the whole installation whenever `/metrics` is read. `nightly` adds everything up again in
slices, through the worker. `backups` and `restoring` are what `astro backup` and `astro restore` do.
"""
