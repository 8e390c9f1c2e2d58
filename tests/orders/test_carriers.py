"""The table of carriers: found by whatever people call them, guessed from how a number looks."""

import re

import pytest

from orders import carriers


def test_there_are_forty_carriers_and_no_name_means_two() -> None:
    names = [
        (alias.casefold(), carrier.code)
        for carrier in carriers.CARRIERS
        for alias in {carrier.code, carrier.name, carrier.english, *carrier.aliases}
    ]

    assert len(carriers.CARRIERS) >= 40
    by_name: dict[str, set[str]] = {}
    for name, code in names:
        by_name.setdefault(name, set()).add(code)
    assert not {name: codes for name, codes in by_name.items() if len(codes) > 1}


@pytest.mark.parametrize(
    ("text", "code"),
    [("SF", "SF"), ("顺丰", "SF"), (" 中通快递 ", "ZTO"), ("yunda", "YD"), ("J&T Express", "JTSD")],
)
def test_a_carrier_is_found_by_code_name_or_alias(text: str, code: str) -> None:
    found = carriers.find(text)

    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("SF1234567890123", "SF"),
        (" sf1234567890123 ", "SF"),
        ("73123456789012", "ZTO"),
        ("78123456789012", "ZTO"),
        ("YT1234567890123", "YTO"),
        ("771234567890123", "STO"),
        ("431234567890123", "YD"),
        ("3112345678901", "YD"),
        ("JT1234567890123", "JTSD"),
        ("EA123456789CN", "EMS"),
        ("1012345678901", "EMS"),
        ("9812345678901", "YZPY"),
        ("JDVA01234567890", "JD"),
        ("JDK012345678901", "JDKY"),
        ("DPK123456789012", "DBL"),
        ("KY12345678901", "KYE"),
        ("1Z999AA10123456784", "UPS"),
    ],
)
def test_the_likeliest_carrier_of_a_number_is_guessed_first(number: str, code: str) -> None:
    assert carriers.guess(number)[0].code == code


@pytest.mark.parametrize("number", ["", "123", "ABCDEFG", "7312345678901200000000"])
def test_what_looks_like_no_carriers_number_is_not_guessed(number: str) -> None:
    assert carriers.guess(number) == []


def test_every_pattern_is_one_that_other_languages_read_too() -> None:
    for carrier in carriers.CARRIERS:
        re.compile(carrier.pattern)
        assert "(?P" not in carrier.pattern
