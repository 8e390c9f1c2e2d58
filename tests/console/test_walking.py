"""Every page is there, in the reader's language, and asks the database little."""

import re
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.db.models import Field
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from console.apps import OURS
from tests.console import routes
from tests.console.staff import client_of, make_staff, make_world
from tests.console.test_rights import fingerprint

MAX_QUERIES = 15
# Words that Chinese readers write so too; the browser's key, and what a test's data is made of.
ALLOWED = {
    "API", "IP", "ID", "URL", "JPEG", "PNG", "WebP", "KB", "MB", "GB", "TB", "CPS", "HTML",
    "English", "Huopan", "en",
    "Ctrl", "K", "esc", "Tab", "Enter",
    "worker", "beat", "sweep", "g", "kg", "DHL", "EMS", "UPS", "SF", "SKU",
    "ITEM", "OUT", "FIRST", "first", "S", "PDF", "pdf", "xlsx", "CSV", "csv", "JSON",
}  # fmt: skip
MAX_ACRONYM = 5
VOID = {"input", "img", "br", "hr", "meta", "link"}
SHOWN_ATTRIBUTES = ("placeholder", "title", "aria-label", "alt", "data-label")


class Reading(HTMLParser):
    """Collects what a reader sees of a page; codes and machine values are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.hidden: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        known = dict(attributes)
        self.words += [known[name] or "" for name in SHOWN_ATTRIBUTES if name in known]
        silent = tag in ("script", "style", "code", "pre", "textarea", "kbd")
        silent |= bool(
            {"mono", "material-symbols-outlined"} & set((known.get("class") or "").split())
        )
        if (silent or self.hidden) and tag not in VOID:
            self.hidden.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.hidden and tag == self.hidden[-1]:
            self.hidden.pop()

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.words.append(data)


def latin_words(html: str) -> set[str]:
    """The words in Latin letters that a reader sees, other than codes, numbers and addresses."""
    reading = Reading()
    reading.feed(html)
    tokens = re.findall(r"[A-Za-z][A-Za-z0-9._@/:+-]*", " ".join(reading.words))
    words = {word for word in tokens if word.isalpha() and word not in ALLOWED}
    # Random numbers may happen to have no digit.
    return {word for word in words if not (word.isupper() and len(word) > MAX_ACRONYM)}


@pytest.mark.long
def test_every_page_opens_in_chinese_without_english_and_every_list_asks_little(
    transactional_db: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    keys = routes.keys_of(make_world())
    client = client_of(make_staff(superuser=True))
    lists = ["/admin/", *routes.lists()]
    pages = [*(routes.address(route, keys) for route in routes.ROUTES), *routes.rows()]
    before = fingerprint()

    english, unlimited = {}, {}
    for address in lists:
        with django_assert_max_num_queries(MAX_QUERIES, info=address) as asked:
            english[address] = latin_words_at(client, address)
        unlimited[address] = unlimited_counts(asked.captured_queries)
    for address in pages:
        english[address] = latin_words_at(client, address)

    assert {address: words for address, words in english.items() if words} == {}
    assert {address: counts for address, counts in unlimited.items() if counts} == {}
    assert fingerprint() == before


def latin_words_at(client: Client, address: str) -> set[str]:
    """Open a page, and return what is no Chinese on it."""
    answer = client.get(address, follow=True)
    assert answer.status_code == 200, address
    is_page = answer.headers["Content-Type"].startswith("text/html")
    return latin_words(answer.content.decode()) if is_page else set()


def unlimited_counts(queries: list[dict[str, str]]) -> list[str]:
    """Counts of every row; ours look at so many and no more, however big the table is."""
    counts = [query["sql"] for query in queries if "COUNT(*)" in query["sql"]]
    return [sql for sql in counts if "LIMIT " not in sql]


def test_every_column_of_ours_has_a_name_for_people() -> None:
    nameless = [
        f"{model.__name__}.{field.name}"
        for app in OURS
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.local_concrete_fields
        if _is_nameless(field)
    ]

    assert nameless == []


def _is_nameless(field: "Field[object, object]") -> bool:
    return isinstance(field.verbose_name, str) and field.verbose_name != "ID"
