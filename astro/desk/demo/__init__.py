"""A year in two invented stores, played through the same actions that a till and an office use.

The tables are read by people first: `products.txt` (the shelf), `programs.toml`, `stores.toml` (stores, people,
distributors), `names.toml` (customers). `shelf.py` reads them, `story.py` makes up who came when and bought what,
without a database, and `play.py` plays it. `astro demo` is the door.

Always true: the same seed, last day and moment tell the same story; nothing is played where anything real is; nobody
can sign in before all of it is there.
"""
