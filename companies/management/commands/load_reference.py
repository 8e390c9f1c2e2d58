"""Load what every installation needs: `manage.py load_reference`."""

from argparse import ArgumentParser
from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.utils.module_loading import module_has_submodule

MODULE = "reference"


class Command(BaseCommand):
    help = (
        "Load the rows that every installation needs, such as the groups of staff. An app that has"
        " some brings a module `reference` with a function `load()`, which may be repeated and"
        " returns in a few words what it made sure of. Example: manage.py load_reference"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """It needs none: what there is to load, the apps say."""

    def handle(self, *_args: Any, **options: Any) -> None:
        loaders = [
            config
            for config in apps.get_app_configs()
            if config.module and module_has_submodule(config.module, MODULE)
        ]
        for config in loaders:
            words = import_module(f"{config.name}.{MODULE}").load()
            if options["verbosity"]:
                self.stdout.write(f"{config.name}: {words}")
        if not loaders and options["verbosity"]:
            self.stdout.write("No app brings reference data; nothing to load.")
