"""The documents of docs/api, shown and handed out by the installation that they speak of."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from api.docs import CONTENT_SECURITY_POLICY
from kit import markdown

FOLDER = Path(settings.BASE_DIR) / "docs" / "api"
INDEX = "README"
# Shown from the code itself.
ELSEWHERE = {"errors.md": "api_docs_errors"}
MEDIA_TYPES = {".json": "application/json", ".txt": "text/plain", ".md": "text/markdown"}


@require_safe
def guide(request: HttpRequest, name: str = INDEX) -> HttpResponse:
    """Show a document in the reader's language; without a name the index of all."""
    file = FOLDER / f"{name}.md"
    if file not in FOLDER.glob("*.md"):
        raise Http404
    title, text = _rendered(file, translation.get_language() or "")
    response = render(request, "api/guide.html", {"title": title, "text": mark_safe(text)})  # noqa: S308
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response


@require_safe
def file(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001
    """Hand out a file as it is: vectors, examples, the Postman collection, the documents' sources."""
    wanted = FOLDER / name
    if wanted not in _files():
        raise Http404
    media_type = MEDIA_TYPES.get(wanted.suffix, "text/plain")
    response = HttpResponse(wanted.read_bytes(), content_type=f"{media_type}; charset=utf-8")
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response


@lru_cache(maxsize=64)
def _rendered(file: Path, language: str) -> tuple[str, str]:
    """Return title and HTML in a language; they do not change while the server runs."""
    text = markdown.in_language(file.read_text("utf-8"), language)
    return markdown.title(text), markdown.html(text, _target)


def _target(link: str) -> str | None:
    """Return where a document's link leads to here."""
    path, _mark, anchor = link.partition("#")
    if not path:
        return f"#{anchor}"
    if path in ELSEWHERE:
        return reverse(ELSEWHERE[path])
    wanted = FOLDER / path
    if wanted in FOLDER.glob("*.md"):
        page = reverse("api_guide", args=[wanted.stem])
        return f"{page}#{anchor}" if anchor else page
    if wanted == FOLDER / "examples":
        return reverse("api_guide", args=["signing"])
    return reverse("api_file", args=[path]) if wanted in _files() else None


def _files() -> set[Path]:
    """Everything that may be handed out; nothing that a path could climb out to."""
    return {path for path in (*FOLDER.glob("*.*"), *FOLDER.glob("examples/*.*")) if path.is_file()}
