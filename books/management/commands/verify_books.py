"""Prove the books: exit 1, with the rows, when an invariant does not hold."""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from books import invariants, proving, verifying
from books.invariants import Remark
from books.verifying import Finding, Report
from kit.actors import OPERATIONS


class Command(BaseCommand):
    help = """Check every invariant of the books, read-only, in one snapshot of the database.

Each line: whether it holds, its number, how many rows were looked at, how long that took, the rule,
and its name. Exits 1 when one does not hold, and shows the rows that break it.

Example:
  manage.py verify_books
  manage.py verify_books --json
  manage.py verify_books --record

--record keeps the outcome among the proofs that staff see, and freezes the accounts and skus that a
breach of money or stock names, as the clock does every night. Without it nothing is written.
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what may be given."""
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument(
            "--record", action="store_true", help="keep the outcome, and freeze what is broken"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print what every check found."""
        report = verifying.verify(at=timezone.now(), rows=proving.ROWS_RESOLVED)
        if options["record"]:
            proving.record(report, actor=OPERATIONS)
        if options["json"]:
            self.stdout.write(json.dumps(_document(report), ensure_ascii=False, default=str))
        else:
            self.stdout.write("\n".join(_lines(report)))
        if not report.clean:
            names = ", ".join(finding.check.name for finding in report.breaches)
            raise CommandError(_("The books are broken: {names}.").format(names=names))


def _lines(report: Report) -> Iterable[str]:
    for finding in report.findings:
        yield _line(finding)
        for row in finding.rows[: verifying.ROWS_SHOWN]:
            yield f"         {json.dumps(row, ensure_ascii=False, default=str)}"
    for remark in (*invariants.NOT_YET, *invariants.BEYOND):
        yield f"--       {remark.invariant:<4}{'':21}{remark.sentence}"
    if report.clean:
        yield _("The books are clean: {checks} rules hold ({seconds:.2f} s).").format(
            checks=len(report.findings), seconds=report.seconds
        )


def _line(finding: Finding) -> str:
    check = finding.check
    mark = "ok" if finding.holds else f"BROKEN {finding.broken}"
    milliseconds = round(finding.seconds * 1000)
    return (
        f"{mark:<9}{check.invariant:<4}{finding.examined:>10,}{milliseconds:>7,} ms "
        f" {check.sentence} [{check.name}]"
    )


def _document(report: Report) -> dict[str, Any]:
    return {
        "clean": report.clean,
        "at": report.at.isoformat(),
        "seconds": round(report.seconds, 3),
        "checks": [_finding_document(finding) for finding in report.findings],
        "nothing_to_check_yet": _remarks(invariants.NOT_YET),
        "beyond_the_database": _remarks(invariants.BEYOND),
    }


def _finding_document(finding: Finding) -> dict[str, Any]:
    return {
        "name": finding.check.name,
        "invariant": finding.check.invariant,
        "rule": str(finding.check.sentence),
        "holds": finding.holds,
        "examined": finding.examined,
        "broken": finding.broken,
        "rows": finding.rows[: verifying.ROWS_SHOWN],
        "seconds": round(finding.seconds, 3),
    }


def _remarks(remarks: Iterable[Remark]) -> list[dict[str, str]]:
    return [{"invariant": one.invariant, "remark": str(one.sentence)} for one in remarks]
