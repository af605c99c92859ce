"""Password rules besides length: visible characters, and different ones."""

from typing import Any

from django.core.exceptions import ValidationError

LEAST_DIFFERENT = 5


class VisibleVariety:
    """Refuses ten blanks, and one character ten times. Blanks between words are welcome."""

    def validate(self, password: str, _person: Any = None) -> None:
        """Check the password. Raises ValidationError."""
        seen = {character for character in password if character.isprintable() and not character.isspace()}
        if len(seen) < LEAST_DIFFERENT:
            raise ValidationError(self.get_help_text(), code="password_without_variety")

    def get_help_text(self) -> str:
        """Return the rule."""
        return f"Use at least {LEAST_DIFFERENT} different visible characters."
