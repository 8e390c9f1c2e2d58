"""How tests keep passwords: as production does, with next to no work."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Quick(Argon2PasswordHasher):
    """Argon2 of one round over 8 KiB, before 2 rounds over 100 MiB."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
