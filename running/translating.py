"""Compile the translations with Babel, so that nobody needs msgfmt, and check that they are current.

python -m running.translating compile
python -m running.translating check
"""

import argparse
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
PATTERN = "*/locale/*/LC_MESSAGES/*.po"


def compile_all(root: Path) -> list[Path]:
    """Write the compiled file of every catalogue that has none or an outdated one."""
    stale = outdated(root)
    for source in stale:
        with compiled(source).open("wb") as file:
            write_mo(file, _catalogue(source))
    return stale


def outdated(root: Path) -> list[Path]:
    """Return the catalogues whose compiled file says something else."""
    return [source for source in _sources(root) if not _is_current(source)]


def compiled(source: Path) -> Path:
    """Return where the compiled file of a catalogue belongs."""
    return source.with_suffix(".mo")


def _sources(root: Path) -> Iterator[Path]:
    yield from sorted(root.glob(PATTERN))


def _is_current(source: Path) -> bool:
    if not compiled(source).exists():
        return False
    fresh = io.BytesIO()
    write_mo(fresh, _catalogue(source))
    fresh.seek(0)
    with compiled(source).open("rb") as committed:
        return _messages(committed) == _messages(fresh)


def _catalogue(source: Path) -> Catalog:
    with source.open("rb") as file:
        return read_po(file)


def _messages(file: BinaryIO) -> set[str]:
    """Return what is said, without the header: its dates change while the words stay."""
    return {
        repr((message.context, message.id, message.string))
        for message in read_mo(file)
        if message.id
    }


def main() -> int:
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m running.translating", description=__doc__)
    parser.add_argument("command", choices=["compile", "check"])
    if parser.parse_args().command == "compile":
        print(f"Compiled {len(compile_all(ROOT))} catalogues.")
        return 0
    stale = outdated(ROOT)
    for source in stale:
        print(f"{compiled(source).relative_to(ROOT)} is not current: run `make messages`.")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
