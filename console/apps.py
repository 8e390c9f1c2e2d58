from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _

OURS = (
    "companies",
    "ledger",
    "integration",
    "suppliers",
    "distributors",
    "supplychain",
    "orders",
    "aftersales",
    "books",
)


class ConsoleConfig(AppConfig):
    name = "console"
    verbose_name = _("Console")

    def ready(self) -> None:
        """Name every column of our models."""
        from console import labels

        for app in OURS:
            labels.give(apps.get_app_config(app).get_models())
