"""Times as the outside reads them."""

from datetime import datetime

from django.utils import timezone


def rfc3339(at: datetime | None) -> str | None:
    """Show a moment with its zone (Asia/Shanghai), to the second."""
    if at is None:
        return None
    return at.astimezone(timezone.get_default_timezone()).isoformat(timespec="seconds")
