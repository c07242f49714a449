"""What makes a password a good one: length, and that nobody would try it early. By NIST SP 800-63B-4, section 3.1.1.

No rules about kinds of characters, no end of validity, no hints, nothing cut off. `policy` judges, `common` knows the
passwords that thieves try first, `fields` is the form field, `hashing` what is kept. Who keeps passwords (`accounts`,
`customer_app`) says how short one may be there, and what others know of its person.
"""
