"""How passwords are hashed, those of staff and those of customers."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id as OWASP asks for it, and a little more: 46 MiB, twice over, in one lane, about 50 ms.

    Django's own 100 MiB in eight lanes would let twenty people who sign in at once take two gigabytes. A hash with
    other numbers is made anew when its person signs in.
    """

    memory_cost = 47_104  # KiB
    time_cost = 2
    parallelism = 1
