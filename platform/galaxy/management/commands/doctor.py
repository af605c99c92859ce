"""Reports problems of this installation and their remedies. It works whether anything else does or not.

`manage.py` runs it without Django's settings, because faulty settings are among the problems it reports.
"""

import asyncio
import sys
from typing import Any

from django.core.management.base import BaseCommand

from galaxy.doctor.diagnosis import Finding, examine


class Command(BaseCommand):
    """`manage.py doctor`."""

    help = "Report problems of this installation and how to solve them."
    requires_system_checks: list[str] = []

    def handle(self, **_: Any) -> None:
        """Print a line for each check; exit with 1 if one found a problem."""
        findings = asyncio.run(examine())
        for finding in findings:
            self._report(finding)
        if any(finding.remedy for finding in findings):
            sys.exit(1)

    def _report(self, finding: Finding) -> None:
        self.stdout.write(f"{self._mark(finding)}  {finding.text}")
        if advice := finding.remedy or finding.hint:
            self.stdout.write(f"       {advice}")

    def _mark(self, finding: Finding) -> str:
        if finding.remedy:
            return self.style.ERROR("wrong")
        return self.style.WARNING("hint ") if finding.hint else self.style.SUCCESS("ok   ")
