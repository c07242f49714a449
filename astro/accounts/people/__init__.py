"""The people who work for a store: seeing them, adding, changing, removing and restoring them.

A *person* is a user with the memberships of one store that an administrator reaches: a master all of them, who
administers a single location those of that location. Somebody with an e-mail is *invited*, and becomes a member when
they accept; so nobody learns whether that e-mail signs in somewhere already. Somebody with a plain word as user name
gets their first password from the administrator.

Always true: a store with a living master administrator keeps one, else one with an administrator keeps one; nobody
gives more than they have, changes somebody above them, or changes themselves.
"""
