"""A forgotten password: a page that says the same to everyone, a letter with a link, and the page behind the link.

The request looks nobody up. It puts what was typed into the outbox; the worker finds out whose it is, and writes to
nobody, to tell them that they have no access any more, or to send the link. So neither the answer nor the time it takes
tells who works here. Who signs in with a plain word has no address to write to: an administrator sets their password.
"""
