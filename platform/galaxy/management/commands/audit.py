"""`manage.py audit verify` and `manage.py audit export`: check whether the audit is intact, and read it."""

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware

from accounts.audit import anchors, chain, export
from accounts.audit.chain import Head
from accounts.models import AuditEntry

MOST_SHOWN = 20


class Command(BaseCommand):
    """Verifies the audit's chain, or writes its entries as JSON lines."""

    help = __doc__ or ""
    requires_system_checks: list[str] = []  # `prepare` ran them; they load all of the portal

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the subcommands."""
        actions = parser.add_subparsers(dest="what", required=True)
        actions.add_parser("verify", help="find any entry that was changed, removed or moved")
        writer = actions.add_parser("export", help="write the entries as JSON lines")
        writer.add_argument("--since", help="from this moment on, such as 2026-11-01T00:00Z")

    def handle(self, *_: Any, **options: Any) -> None:
        """Run the subcommand."""
        if options["what"] == "verify":
            self._verify()
        else:
            self._export(options["since"])

    def _verify(self) -> None:
        began, noted = time.monotonic(), anchors.noted_heads()
        flaws = list(chain.flaws(noted))
        for flaw in flaws[:MOST_SHOWN]:
            self.stderr.write(f"{flaw.seq}: {flaw.what}")
        if flaws:
            raise CommandError(f"The audit is damaged in {len(flaws)} places, the first at entry {flaws[0].seq}.")
        count, seconds = chain.head().seq, time.monotonic() - began
        self.stdout.write(f"The audit is intact: {count:,} entries, checked in {seconds:.1f} s.")
        self.stdout.write(not_proven(count, noted))

    def _export(self, since: str | None) -> None:
        entries = AuditEntry.objects.all()
        if since:
            moment = parse_datetime(since)
            if moment is None:
                raise CommandError(f"{since} is not a time such as 2026-11-01T00:00Z.")
            entries = entries.filter(at__gte=make_aware(moment) if is_naive(moment) else moment)
        for line in export.lines(entries):
            sys.stdout.buffer.write(line)


def not_proven(count: int, noted: list[Head]) -> str:
    """Say which entries could have been cut from the end unnoticed."""
    if not noted:
        return "Its end is not noted outside the database: a cut at its end would go unnoticed."
    newest = noted[-1].seq
    if newest >= count:
        return "Its end is noted outside the database: nothing was cut from it."
    return f"Its end is noted outside the database up to entry {newest:,}: a cut after that entry would go unnoticed."
