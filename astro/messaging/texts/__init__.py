"""Texts: one channel. `segments` counts parts and `keywords` reads replies (both pure), `gateway` speaks to the text
service, `channel` is what `messaging` asks to send, `signatures` tells the service's hooks from anybody else's,
`inbound` and `reports` do what the hooks tell, `words` is what our own answers say.

A phone number without an opt-in is a key for look-up. It is sent the one request that its owner was asked for at the
till, and answers to what its owner texts; nothing else, ever.
"""
