"""Pet owners: the people whom a store knows.

A customer belongs to one retailer and is shared by its locations; `SeenAt` says which locations have met them. A name
is all that is needed. Phone (E.164) and e-mail are each unique among the retailer's living customers. `search` is
one folded text that look-up asks; it is written with the row, never by hand. Each retailer has one practice customer,
whose purchases count for nobody.
"""
