"""A year in two invented stores, played through the same actions that a till and an office use.

The tables are read by people first: `products.txt` (the shelf), `programs.toml`, `stores.toml` (stores, people,
distributors), `names.toml` (customers). `shelf.py` reads them; `story.py`, with `people.py` and `manners.py`, makes
up who came when, bought what and did what with a reward, without a database, and `script.py` holds all of it. `play.py`
plays it: `stage.py` opens the stores, `counter.py` is what happens at the till. `astro demo` is the door.

Always true: the same seed, last day and moment tell the same story; nothing is played where anything real is; nobody
can sign in before all of it is there.
"""
