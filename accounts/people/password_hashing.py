"""Password hashing within bounds: hashes cost memory and anyone can request one, so few run at once, each with little."""

import threading

from django.contrib.auth.hashers import Argon2PasswordHasher

AT_ONCE = 2

# One for the whole process: every sign-in has its own thread, and those without a place wait.
_places = threading.BoundedSemaphore(AT_ONCE)


class FrugalArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id as OWASP recommends it, at most two at once. It verifies hashes of other costs and renews them."""

    time_cost = 2
    memory_cost = 19_456  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Hash the password once a place is free."""
        with _places:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Verify the password once a place is free."""
        with _places:
            return super().verify(password, encoded)
