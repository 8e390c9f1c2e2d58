"""Times as the outside reads them."""

from datetime import datetime

from django.utils import timezone


def rfc3339(at: datetime | None) -> str | None:
    """Show a moment with its zone (Asia/Shanghai), to the second."""
    return None if at is None else timezone.localtime(at).isoformat(timespec="seconds")
