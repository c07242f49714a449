"""`astro backup` and `astro restore`: the whole installation in one file, and back.

`archive` is the file: a ZIP with the database's copy, a manifest with what must be found again, and the keys. `sqlite`
and `postgresql` copy a database out, at one moment and while tills write, and put one in. `backups` and `restoring` are
the two stories.
"""
