"""An uploaded sheet as a file that readers of sheets can open, and that is gone afterwards."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath

from supplychain.sheets import FileTooLarge

MAX_BYTES = 10 * 1024 * 1024


@contextmanager
def as_file(name: str, chunks: Iterable[bytes]) -> Iterator[Path]:
    """Write what was uploaded under a name of ours; of theirs only the ending counts.

    :raises FileTooLarge: it has more than MAX_BYTES.
    """
    suffix = PurePath(name).suffix.lower()[:8]
    with tempfile.TemporaryDirectory(prefix="huopan-") as folder:
        path = Path(folder) / f"sheet{suffix}"
        _write(path, chunks)
        yield path


def _write(path: Path, chunks: Iterable[bytes]) -> None:
    size = 0
    with path.open("wb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > MAX_BYTES:
                raise FileTooLarge(limit=MAX_BYTES)
            file.write(chunk)
