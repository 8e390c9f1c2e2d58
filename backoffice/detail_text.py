"""Details of a product as plain text, where they are no more than paragraphs."""

import html
import re

PARAGRAPHS = re.compile(r"(<p>[^<]*</p>\s*)*")
TAG = re.compile(r"</?[a-zA-Z][^>]*>")


def to_html(text: str) -> str:
    """Make paragraphs of plain text; HTML stays as it is (and is sanitised by the act)."""
    if TAG.search(text):
        return text
    lines = [line.strip() for line in text.splitlines()]
    return "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in lines if line)


def to_text(written: str) -> str:
    """Show paragraphs without any markup as the plain text they were."""
    if not PARAGRAPHS.fullmatch(written):
        return written
    return "\n".join(html.unescape(line) for line in re.findall(r"<p>([^<]*)</p>", written))
