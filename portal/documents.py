"""The API's documents beside the tools, with the reader's own key and our address in the examples."""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePosixPath

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from distributors.models import Distributor
from integration.models import ApiKey, KeyState
from kit import downloads, markdown
from portal import access
from portal.access import distributor_only

FOLDER = settings.BASE_DIR / "docs" / "api"
# First what everybody reads first; others follow by their names.
ORDER = ("quick-start", "signing", "catalogue", "callbacks")
_KEY = re.compile(r"\bhpk_(?:[A-Za-z0-9]+|…)")
_ADDRESS = re.compile(r"https?://[^\s/\"'`<>]+(?=/api/)|(?<=HUOPAN_URL=)https?://[^\s\"'`<>]+")


@require_GET
@distributor_only
def documents(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """List the documents."""
    context = {"tab": "documents", "listed": _listed(), "files": sorted(_files())}
    return access.shown(request, distributor, "documents.html", context)


@require_GET
@distributor_only
def document(request: HttpRequest, distributor: Distributor, name: str) -> HttpResponse:
    """Show a document in the reader's language."""
    if name not in _names():
        raise Http404
    text = _read(name, get_language() or "")
    key = _key_of(distributor)
    context = {
        "tab": "documents",
        "name": name,
        "title": markdown.title(text),
        "content": _rendered(text, key.public_id if key else ""),
        "listed": _listed(),
        "key": key,
        "api_url": _api_url(),
    }
    return access.shown(request, distributor, "document.html", context)


@require_GET
@distributor_only
def document_file(
    request: HttpRequest,  # noqa: ARG001
    distributor: Distributor,  # noqa: ARG001
    name: str,
) -> HttpResponse:
    """Send a file that a document refers to: an example, vectors, a collection."""
    if name not in _files():
        raise Http404
    content = (FOLDER / name).read_bytes()
    return downloads.attachment(content, "application/octet-stream", PurePosixPath(name).name)


def address_of(name: str) -> str:
    """Return where a document is read, or the reference where there is no such document."""
    if name in _names():
        return reverse("portal:document", args=[name])
    return reverse("api_docs")


def _key_of(distributor: Distributor) -> ApiKey | None:
    return distributor.partner.keys.filter(state=KeyState.LIVE).order_by("-pk").first()


def _api_url() -> str:
    return settings.PUBLIC_URL.rstrip("/") + "/api/v1/"


def _listed() -> list[tuple[str, str]]:
    language = get_language() or ""
    return [(name, markdown.title(_read(name, language))) for name in _names()]


@lru_cache(maxsize=1)
def _names() -> Sequence[str]:
    found = sorted(path.stem for path in FOLDER.glob("*.md"))
    return sorted(found, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))


@lru_cache(maxsize=1)
def _files() -> frozenset[str]:
    """Return what may be sent: names that were found, never one that was asked for."""
    paths = (path for path in FOLDER.rglob("*") if path.is_file() and path.suffix != ".md")
    return frozenset(path.relative_to(FOLDER).as_posix() for path in paths)


@lru_cache(maxsize=64)
def _read(name: str, language: str) -> str:
    return markdown.in_language((FOLDER / f"{name}.md").read_text("utf-8"), language)


def _rendered(text: str, public_id: str) -> SafeString:
    own = _ADDRESS.sub(settings.PUBLIC_URL.rstrip("/"), text)
    if public_id:
        own = _KEY.sub(public_id, own)
    # Wide tables scroll by themselves, and code by the keyboard, too.
    html = markdown.html(own, _address).replace("<table>", '<div class="table-wrap"><table>')
    html = html.replace("<pre>", '<pre tabindex="0">')
    return mark_safe(html.replace("</table>", "</table></div>"))  # noqa: S308


def _address(href: str) -> str:
    name, _mark, anchor = href.partition("#")
    if not name or "://" in name or name.startswith("/"):
        return href
    page = name.removesuffix(".md")
    if page in _names():
        return reverse("portal:document", args=[page]) + (f"#{anchor}" if anchor else "")
    if name in _files():
        return reverse("portal:document_file", args=[name])
    return reverse("portal:documents") + "#files"
