"""Reading who and where from one pasted line, as shops and chats write it: guessed, to be looked over.

Nothing is refused here. What cannot be told apart stays in the detail, for a person to put right.
"""

import re

from orders.requests import Consignee
from supplychain import regions

MAX_TEXT = 500
MAX_NAME = 25
# Labels that people write in front of the parts.
_LABELS = re.compile(
    r"(?:收货人|收件人|姓名|名字|联系人|联系电话|手机号码|手机号|手机|电话|收货地址|详细地址|"
    r"所在地区|地区|地址)\s*[:：]?\s*|(?:name|phone|tel|address)\s*[:：]\s*",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<![\d-])(?:\+?86[- ]?)?(1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}-?\d{7,8}(?:-\d{1,6})?)(?!\d)"
)
_SEPARATORS = re.compile(r"[\s,，;；、|/]+")
_CITY = re.compile(r"^(?:[^市区县]{1,10}?(?:自治州|地区|盟)|[^市区县]{1,9}?市)")
_DISTRICT = re.compile(r"^(?:[^区县市旗省]{1,11}?(?:区|县|旗)|[^区县市旗省]{1,8}?市)")
# Cities that are provinces by themselves: there the city is called like the province.
_MUNICIPALITIES = {"北京市", "天津市", "上海市", "重庆市"}


def read(text: str) -> Consignee:
    """Guess a consignee from a text such as `张三 13800000000 广东省深圳市南山区海德三道199号`.

    What is not found is empty.
    """
    text = " ".join(text[:MAX_TEXT].split())
    phone = _PHONE.search(text)
    spared = f"{text[: phone.start()]} {text[phone.end() :]}" if phone else text
    parts = [part for part in _SEPARATORS.split(_LABELS.sub(" ", spared)) if part]
    name = _take_name(parts)
    province, city, district, detail = split_address("".join(_joined(parts)))
    return Consignee(name, _number(phone), province, city, district, detail)


def split_address(text: str) -> tuple[str, str, str, str]:
    """Split an address into province, city, district and detail; empty is what it does not name."""
    text = text.strip()
    province = _province(text)
    if not province:
        return "", "", "", text
    name, rest = province
    rest = rest.strip()
    if name in _MUNICIPALITIES:
        rest = rest.removeprefix(name).strip()
        city = name
    else:
        city, rest = _begin(_CITY, rest)
    district, detail = _begin(_DISTRICT, rest)
    return name, city, district, detail


def _province(text: str) -> tuple[str, str] | None:
    """Return the province a text begins with by any of its names, the longest first, and the rest."""
    for alias, name in _ALIASES:
        if text.startswith(alias):
            return name, text[len(alias) :]
    return None


def _begin(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    found = pattern.match(text)
    return (found[0], text[found.end() :].strip()) if found else ("", text)


def _take_name(parts: list[str]) -> str:
    """Take the part that is a name: short, without digits, and not where an address begins."""
    for place, part in enumerate(parts):
        if len(part) <= MAX_NAME and not re.search(r"\d", part) and not _is_place(part):
            return parts.pop(place)
    return ""


def _is_place(part: str) -> bool:
    if _province(part):
        return True
    return bool(re.search(r"(?:[省市区县旗镇乡村路街道巷弄号栋幢楼室]|自治州)$", part))


def _joined(parts: list[str]) -> list[str]:
    """Chinese parts join without a blank; words in Latin letters keep theirs."""
    joined: list[str] = []
    for part in parts:
        needs_blank = joined and joined[-1][-1:].isascii() and part[:1].isascii()
        joined.append(f" {part}" if needs_blank else part)
    return joined


def _number(found: re.Match[str] | None) -> str:
    """Return a mobile number as digits alone; a landline keeps the lines in it."""
    if found is None:
        return ""
    number = found[1].replace(" ", "")
    return number.replace("-", "") if number.startswith("1") else number


def _aliases() -> list[tuple[str, str]]:
    """Return what provinces are called, and their names; the longest first."""
    pairs = []
    for _code, name, _english in regions.PROVINCES:
        suffix = next(one for one in regions.SUFFIXES if name.endswith(one))
        short = name.removesuffix(suffix)
        pairs += [(name, name), (short + "省", name), (short, name)]
    return sorted(set(pairs), key=lambda pair: (-len(pair[0]), pair))


_ALIASES = _aliases()
