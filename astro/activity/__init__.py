"""What happened, by whom: an append-only record that every module writes to.

An *event* has a stable name (they are listed in `docs/events.md`), names the row it is about, and carries ids and the
names of fields only, never what a customer told us: a customer can be erased, an event cannot.
"""
