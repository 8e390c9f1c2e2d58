"""CPU time of processes and everything below them, from /proc."""

import os
from collections import defaultdict
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(root_pid: int) -> float:
    """Return the CPU seconds that a process, its living descendants and its dead children took."""
    children: dict[int, list[int]] = defaultdict(list)
    spent: dict[int, float] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        pid = int(folder.name)
        children[int(fields[1])].append(pid)
        # utime, stime, and those of children that were waited for
        spent[pid] = sum(map(int, fields[11:15])) / TICKS
    total, waiting = 0.0, [root_pid]
    while waiting:
        pid = waiting.pop()
        total += spent.get(pid, 0.0)
        waiting.extend(children[pid])
    return total
