#!/usr/bin/env python
"""Huopan's command line: `manage.py help` lists what operations can do."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from kit import actors, attributing

    with attributing.to(lambda: str(actors.OPERATIONS)):
        execute_from_command_line(sys.argv)
