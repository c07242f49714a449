"""From where people may come in: lists of addresses and networks, of a store (`Retailer.networks`) and of one person
(`Membership.networks`). Kept as text, one a line, normalized; empty means from anywhere. Whoever has both must stand in
both. `barring` asks on every request.
"""
