"""The outbox: everything that happens after a commit.

An action puts a row in the transaction that causes it; so the row is there exactly when the cause is. A worker claims
rows in batches, calls the function that `@handles` their kind, inside their retailer, and finishes them. `queue` is the
life of a row, `handlers` who does what, `schedules` what comes by the clock, `worker` the loop, `health` what an
operator asks.

Always true: a row is handled at least once, and its effects in our own database exactly once, because the handler and
the finishing are one transaction. A worker that was killed, or slept past its lease, finishes nothing: its rows fall
due again by themselves. What reaches further (a sent e-mail) may come twice unless the intent was committed first.
"""
