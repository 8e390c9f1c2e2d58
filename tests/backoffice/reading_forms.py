"""Reading a form as a browser does that sends it back."""

from html.parser import HTMLParser
from typing import Any


class ProductFormReader(HTMLParser):
    """Collects what a browser would send of the product form if nothing were typed."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.inside = self.in_template = False
        self.text_of = self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value")
        if tag == "form":
            self.inside = "novalidate" in given
        if tag == "template":
            self.in_template = True
        if not self.inside or self.in_template:
            return
        if tag == "input" and name and given.get("type") not in ("file", "checkbox"):
            self.values.setdefault(name, []).append(value or "")
        if tag == "input" and given.get("type") == "checkbox" and "checked" in given:
            self.values.setdefault(name, []).append(value or "on")
        if tag == "option" and "selected" in given and self.select:
            self.values[self.select] = [value or ""]
        if tag == "select":
            self.select = name
        if tag == "textarea":
            self.text_of, self.values[name] = name, [""]

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self.in_template = False
        if tag == "textarea":
            self.text_of = ""
        if tag == "form":
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.text_of:
            self.values[self.text_of] = [data.removeprefix("\n")]


def form_values(page: str) -> dict[str, Any]:
    """What a browser would send of the product form if nothing were typed."""
    reader = ProductFormReader()
    reader.feed(page)
    reader.values.pop("csrfmiddlewaretoken", None)
    return {name: v[0] if len(v) == 1 else v for name, v in reader.values.items()}
