"""Messages to customers: what was sent to whom, over which channel, and what became of it.

Nobody imports this room to send: whoever wants something sent puts a row into the outbox, by kind (`jobs.py`). A
`Delivery` is written before anything leaves, so a killed worker never sends twice; each channel is a folder. Whether
somebody may be written to is the consent ledger's to say (`customers.consent`), and it is asked again at sending.
"""
