"""Unified social credit codes of Chinese companies (统一社会信用代码, GB 32100)."""

LENGTH = 18
# The letters I, O, S, V and Z are left out, because they are read as digits.
LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_BASE = len(LETTERS)


def tidied(text: str) -> str:
    """Return what somebody typed without blanks, in capitals."""
    return "".join(text.split()).upper()


def is_valid(code: str) -> bool:
    """Tell whether a code has its length, only letters of its alphabet, and its check digit."""
    if len(code) != LENGTH or any(letter not in LETTERS for letter in code):
        return False
    return code[-1] == check_digit(code[:-1])


def check_digit(code: str) -> str:
    """Return the last letter of a code that begins like this."""
    total = sum(LETTERS.index(letter) * pow(3, place, _BASE) for place, letter in enumerate(code))
    return LETTERS[-total % _BASE]
