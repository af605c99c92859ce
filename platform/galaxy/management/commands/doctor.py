"""Says what is wrong with this installation and how to mend it. Runs whether anything else does or not.

`manage.py` calls it without Django's settings: what is wrong with those is among the things that it tells.
"""

import asyncio
import sys
from typing import Any

from django.core.management.base import BaseCommand

from galaxy.diagnosis import Finding, examine


class Command(BaseCommand):
    """`manage.py doctor`."""

    help = "Say what is wrong with this installation and how to mend it."
    requires_system_checks: list[str] = []

    def handle(self, **_: Any) -> None:
        """One line for each thing looked at; the exit code is 1 when one is wrong."""
        findings = asyncio.run(examine())
        for finding in findings:
            self._tell(finding)
        if any(finding.remedy for finding in findings):
            sys.exit(1)

    def _tell(self, finding: Finding) -> None:
        self.stdout.write(f"{self._mark(finding)}  {finding.text}")
        if advice := finding.remedy or finding.hint:
            self.stdout.write(f"       {advice}")

    def _mark(self, finding: Finding) -> str:
        if finding.remedy:
            return self.style.ERROR("wrong")
        return self.style.WARNING("hint ") if finding.hint else self.style.SUCCESS("ok   ")
