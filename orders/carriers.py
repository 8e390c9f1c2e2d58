"""Carriers that parcels are handed to: our code, names, what people call them, how numbers look.

Patterns tell likely carriers of a number; several carriers share forms, so a guess is only offered.
"""

import functools
import re
from dataclasses import dataclass

from kit import languages


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier; `aliases` are other codes and names by which files and people mean it."""

    code: str
    name: str
    english: str
    aliases: tuple[str, ...] = ()
    pattern: str = ""


CARRIERS: tuple[Carrier, ...] = (
    Carrier("SF", "顺丰速运", "SF Express", ("顺丰", "shunfeng"), r"SF\d{12,13}|\d{12}"),
    Carrier("ZTO", "中通快递", "ZTO Express", ("中通", "zhongtong"), r"7\d{13}"),
    Carrier("YTO", "圆通速递", "YTO Express", ("圆通", "yuantong"), r"YT[A-Z0-9]\d{12}|8\d{17}"),
    Carrier(
        "STO",
        "申通快递",
        "STO Express",
        ("申通", "shentong"),
        r"77\d{13}|STO\d{10}|(?:[2-9]68|588|688|888)\d{9,10}",
    ),
    Carrier(
        "YD",
        "韵达快递",
        "Yunda Express",
        ("韵达", "yunda"),
        r"4[2-7]\d{13}|3[12]\d{11}|3[12]\d{13}",
    ),
    Carrier("JTSD", "极兔速递", "J&T Express", ("极兔", "jitu", "jt"), r"JT\d{13}"),
    Carrier("EMS", "邮政EMS", "China Post EMS", ("ems", "邮政特快"), r"E[A-Z]\d{9}CN|1[0-2]\d{11}"),
    Carrier(
        "YZPY",
        "邮政快递包裹",
        "China Post Parcel",
        ("邮政", "youzheng", "chinapost"),
        r"9\d{12}|[A-Z]A\d{11}",
    ),
    Carrier(
        "JD",
        "京东快递",
        "JD Logistics",
        ("京东", "jingdong", "jdl"),
        r"JD(?!K)[A-Z0-9]{11,14}|V[A-C]\d{11}",
    ),
    Carrier("JDKY", "京东快运", "JD Freight", ("jingdongkuaiyun",), r"JDK[A-Z0-9]{10,13}"),
    Carrier("DBL", "德邦快递", "Deppon Express", ("德邦", "debang"), r"DPK\d{12}"),
    Carrier("DBKY", "德邦快运", "Deppon Freight", ("德邦物流",), r"DPL\d{12}"),
    Carrier("FWX", "丰网速运", "Fengwang", ("丰网",), r"FW\d{12}"),
    Carrier("UC", "优速快递", "UC Express", ("优速", "yousu"), r"5\d{11}"),
    Carrier("HTKY", "百世快递", "Best Express", ("百世", "huitong", "best"), r"5\d{14}"),
    Carrier("BTWL", "百世快运", "Best Freight", ("baishikuaiyun",)),
    Carrier("TTKK", "天天快递", "TTK Express", ("天天", "tiantian"), r"66\d{10}"),
    Carrier("ZJS", "宅急送", "ZJS Express", ("zhaijisong",), r"A\d{12}"),
    Carrier("KYE", "跨越速运", "KYE Express", ("跨越", "kuayue"), r"KY\d{11,13}"),
    Carrier("ANE", "安能物流", "ANE Logistics", ("安能", "anneng"), r"3\d{13}"),
    Carrier("ZTOKY", "中通快运", "ZTO Freight", ("zhongtongkuaiyun",)),
    Carrier("YDKY", "韵达快运", "Yunda Freight", ("yundakuaiyun",)),
    Carrier("SXJD", "顺心捷达", "SX Jieda", ("顺心",)),
    Carrier("YMDD", "壹米滴答", "Yimidida", ("yimidida",), r"YM\d{10,12}"),
    Carrier("LB", "龙邦速递", "Longbang Express", ("龙邦",)),
    Carrier("GTO", "国通快递", "GTO Express", ("国通",)),
    Carrier("QFKD", "全峰快递", "Quanfeng Express", ("全峰",)),
    Carrier("KJKD", "快捷快递", "Kuaijie Express", ("快捷",)),
    Carrier("SURE", "速尔快递", "Sure Express", ("速尔",), r"88\d{10}"),
    Carrier("RFD", "如风达", "Rufengda", ("rufengda",)),
    Carrier("DNWL", "丹鸟物流", "Danniao", ("丹鸟", "cainiaodanniao")),
    Carrier("CNZS", "菜鸟速递", "Cainiao Express", ("菜鸟", "cainiao"), r"CN\d{12,14}"),
    Carrier("SNWL", "苏宁物流", "Suning Logistics", ("苏宁",)),
    Carrier("PJ", "品骏快递", "Pinjun Express", ("品骏",)),
    Carrier("ZYKD", "众邮快递", "Zhongyou Express", ("众邮",), r"ZY\d{12}"),
    Carrier("CYEXP", "长宇物流", "Changyu", ()),
    Carrier("XFEX", "信丰物流", "Xinfeng", ("信丰",)),
    Carrier("JYM", "加运美速递", "Jiayunmei", ("加运美",)),
    Carrier("HOAU", "天地华宇", "Hoau", ("华宇",)),
    Carrier("RRS", "日日顺物流", "RRS Logistics", ("日日顺",)),
    Carrier("CRE", "中铁快运", "China Railway Express", ("中铁",)),
    Carrier("ZTWL", "中铁物流", "China Railway Logistics", ()),
    Carrier("CAE", "民航快递", "Civil Aviation Express", ("民航",)),
    Carrier("DHL", "DHL", "DHL", (), r"\d{10}"),
    Carrier("FEDEX", "联邦快递", "FedEx", ("联邦",)),
    Carrier("UPS", "UPS", "UPS", (), r"1Z[0-9A-Z]{16}"),
    Carrier("SELF", "商家自送", "Delivered by the seller", ("自送", "自提")),
    Carrier("OTHER", "其他快递", "Another carrier", ("其他", "other")),
)


def find(text: str) -> Carrier | None:
    """Return the carrier that a code, a name or an alias means, or None."""
    return _by_alias().get(text.strip().casefold())


def guess(tracking_no: str) -> list[Carrier]:
    """Return the carriers whose numbers look like this one, the likeliest first."""
    number = tracking_no.strip().upper()
    return [c for c in CARRIERS if c.pattern and re.fullmatch(c.pattern, number)]


def names() -> dict[str, str]:
    """Return what carriers are called in the reader's language, by their codes."""
    english = languages.reads_english()
    return {one.code: one.english if english else one.name for one in CARRIERS}


@functools.cache
def _by_alias() -> dict[str, Carrier]:
    found: dict[str, Carrier] = {}
    for carrier in CARRIERS:
        for alias in (carrier.code, carrier.name, carrier.english, *carrier.aliases):
            found.setdefault(alias.casefold(), carrier)
    return found
