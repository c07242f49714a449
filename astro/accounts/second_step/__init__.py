"""The second step of signing in: an authenticator app (TOTP) or a passkey besides the password, and codes on paper for
the day on which both are gone. allauth keeps them (`allauth.mfa`) and knows the arithmetic; who may have one, what is
told and recorded, and the pages are ours.

It is for administrators and for the platform's support. Who only works at the till has a password and a PIN: at a
counter a phone is in nobody's hand, and a user name may be shared by a shift. A passkey alone signs in as well: it is
something one has, opened with something one is or knows.

Always true: `User.has_second_step` says whether there is an app or a passkey (`actions` keeps it), and it is changed
only by its person, with the password just proved, or taken off by somebody who may help them.
"""
