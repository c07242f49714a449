"""The people who work in the stores, and the browsers they work on.

A *user* is a person who signs in with an e-mail address or a user name. A *membership* says where they work and as
what: cashier or administrator of one location, or master administrator of all locations of a retailer. A *device* is a
browser that was made a till of one location.

Always true: a session stands for one living membership, and is over the moment that membership ends; everything else
about the request (retailer, location, device) follows from it.
"""
