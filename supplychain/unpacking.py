"""Print the first page of a workbook as lines of JSON: run by `sheets` as a process of its own.

A workbook of two cells, far enough apart, takes gigabytes to open and cannot be told from a decent
one before. So it is opened where running out of memory or time harms nobody. This file knows no
Django, to start fast.
"""

import json
import resource
import sys
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

MEMORY_BYTES = 768 * 1024 * 1024
CPU_SECONDS = 30


def main(path: str) -> None:
    """Print the number of rows, then each row; or what keeps the file from being read."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    try:
        page = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    except CalamineError as error:
        _print({"reason": str(error)})
        return
    _print({"total": 0 if page.start is None else page.total_height + 1})
    for cells in page.iter_rows():
        _print([cell if isinstance(cell, str | int | float) else [str(cell)] for cell in cells])


def _print(value: Any) -> None:
    sys.stdout.write(json.dumps(value) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
