"""Who shares this installation, and the walls between them.

A *retailer* is a business; its *locations* are the shops. Every row that belongs to a retailer says so in
`retailer_id`. How the walls work stands at the top of `walls.py`; which retailer is current is `current.py`;
what the database itself enforces is in `engines/` and `policies.py`; whether it does, `gaps.py` asks.
"""
