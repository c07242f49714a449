"""Measuring: how fast a checkout and a look-up are, against what the database alone could do.

`population` is who there is, by arithmetic, so that the seeding, the clients and the floor agree without asking each
other. `seeding` fills an empty database with it, `server` runs the real one, `client` is a till that speaks HTTP over a
plain socket in a process of its own, `wire` takes down what the application really sends to PostgreSQL, `floor` has
pgbench send the same. `checkouts` and `lookups` put these together; `report` tells what came out.
"""
