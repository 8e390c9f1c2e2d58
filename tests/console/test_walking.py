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


@pytest.fixture
def everything(transactional_db: None) -> tuple[Client, list[str]]:
    """Somebody with every right, and every address there is."""
    world = make_world()
    keys = routes.keys_of(world)
    addresses = [routes.address(route, keys) for route in routes.ROUTES]
    found = ["/admin/", *addresses, *routes.lists(), *routes.rows()]
    return client_of(make_staff(superuser=True)), list(dict.fromkeys(found))


def test_every_page_opens_in_chinese_without_a_word_of_english(
    everything: tuple[Client, list[str]],
) -> None:
    client, addresses = everything
    english = {}

    for address in addresses:
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, address
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        words = latin_words(answer.content.decode())
        if words:
            english[address] = words

    assert english == {}


def test_every_list_asks_little_of_the_database(
    everything: tuple[Client, list[str]], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client, _addresses = everything

    for address in ["/admin/", *routes.lists()]:
        with django_assert_max_num_queries(MAX_QUERIES) as asked:
            client.get(address)
        counts = [query["sql"] for query in asked.captured_queries if "COUNT(*)" in query["sql"]]
        # A count looks at so many rows and no more, however big the table is.
        assert all("LIMIT " in sql for sql in counts), (address, counts)


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
