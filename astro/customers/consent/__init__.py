"""Who may be written to, and how that is known.

`ledger` adds up what was said (pure), `addresses` makes hashes of addresses, `wordings` has the words with which people
are asked, `asking` is everything that writes, `queries` everything that reads.
"""
