"""Languages: what is written down in each of them, for whoever reads it later."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from django.conf import settings
from django.utils import translation

Said = TypeVar("Said")


def reads_english() -> bool:
    """Tell whether whoever reads now reads English, and not Chinese."""
    return (translation.get_language() or "").startswith("en")


def in_each(say: Callable[[], Said]) -> dict[str, Said]:
    """Return what is said in each language, by the language's code."""
    said = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            said[language] = say()
    return said


def for_reader(said: Mapping[str, Said], default: Said) -> Said:
    """Return what was said in the language of whoever reads now, or else in any."""
    return said.get(translation.get_language() or "") or next(iter(said.values()), default)
