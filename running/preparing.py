"""Bring the stores to what this version of the code expects; harmless to repeat.

    python -m running.preparing

Before the web and the workers of a new version start: `make run` does it, and in production the
`migrate` service.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def prepare(verbosity: int = 1) -> None:
    """Migrate, make the cache's table and load what every installation has."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=verbosity)
    call_command("createcachetable", verbosity=verbosity)
    if has_command("load_reference"):
        call_command("load_reference", verbosity=verbosity)


def has_command(name: str) -> bool:
    """Tell whether Huopan has this management command, without loading Django."""
    return any(ROOT.glob(f"*/management/commands/{name}.py"))


def main() -> None:
    """Prepare the stores that the settings name."""
    import django

    if len(sys.argv) > 1:
        print(__doc__)
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    prepare()


if __name__ == "__main__":
    main()
