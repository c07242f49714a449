"""E-mail: what each letter says (`letters`), the one place that makes one (`building`), and how it leaves (`posting`).

Commercial mail cannot be built without the store's postal address, a link to unsubscribe in both parts and the headers
of one-click unsubscribing; `building` raises instead.
"""
