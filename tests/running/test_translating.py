"""Compiled translations say what their sources say."""

from pathlib import Path

import pytest

from running import translating

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"{more}\\n"\n\n'
WORDS = (
    'msgid "Deposit"\nmsgstr "预存货款"\n\n'
    'msgid "%d order"\nmsgid_plural "%d orders"\nmsgstr[0] "%d 单"\n'
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "orders" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(HEADER.format(more="Plural-Forms: nplurals=1; plural=0;") + WORDS)
    return path


def test_a_catalogue_is_outdated_until_it_is_compiled(tmp_path: Path, source: Path) -> None:
    assert translating.outdated(tmp_path) == [source]

    translating.compile_all(tmp_path)

    assert translating.outdated(tmp_path) == []


def test_a_changed_word_makes_it_outdated_and_a_changed_date_does_not(
    tmp_path: Path, source: Path
) -> None:
    translating.compile_all(tmp_path)

    source.write_text(source.read_text().replace('msgid "D', '#: a.py:1\nmsgid "D'))
    assert translating.outdated(tmp_path) == []

    source.write_text(source.read_text().replace("预存货款", "押金"))
    assert translating.outdated(tmp_path) == [source]


def test_a_fuzzy_word_is_not_compiled(tmp_path: Path, source: Path) -> None:
    source.write_text(source.read_text().replace('msgid "Deposit"', '#, fuzzy\nmsgid "Deposit"'))

    translating.compile_all(tmp_path)

    assert b"Deposit" not in translating.compiled(source).read_bytes()
    assert translating.outdated(tmp_path) == []
