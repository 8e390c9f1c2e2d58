"""Reasons for which orders are cancelled and cases opened, as distributors choose from them."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kit.errors import DomainError

VERSION = 2


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason; `evidence` says whether pictures are asked for with it."""

    code: str
    use: str
    name: str
    english: str
    evidence: bool = False


class ReasonUnknown(DomainError):
    code = "reason_unknown"
    text = _("“{reason}” is none of the reasons for this.")


CANCELLATION, AFTERSALE = "cancellation", "aftersale"

REASONS: tuple[Reason, ...] = (
    Reason("changed_mind", CANCELLATION, "不想要了", "No longer wanted"),
    Reason("ordered_by_mistake", CANCELLATION, "拍错/多拍", "Ordered by mistake"),
    Reason("wrong_address", CANCELLATION, "地址填写错误", "Wrong address"),
    Reason("late_shipping", CANCELLATION, "未按约定时间发货", "Not shipped in time"),
    Reason("out_of_stock", CANCELLATION, "商家缺货", "Out of stock"),
    Reason("found_cheaper", CANCELLATION, "其他渠道价格更低", "Cheaper elsewhere"),
    Reason("cannot_supply", CANCELLATION, "无法供货", "Cannot be supplied"),
    Reason("not_received", AFTERSALE, "未收到货", "Not received"),
    Reason("refused_delivery", AFTERSALE, "拒收", "Refused on delivery"),
    Reason("damaged", AFTERSALE, "商品破损", "Damaged", evidence=True),
    Reason("missing", AFTERSALE, "少件/漏发", "Pieces missing", evidence=True),
    Reason("wrong_goods", AFTERSALE, "发错货", "Wrong goods", evidence=True),
    Reason("quality", AFTERSALE, "质量问题", "Faulty", evidence=True),
    Reason("not_as_described", AFTERSALE, "与描述不符", "Not as described", evidence=True),
    Reason("expired_goods", AFTERSALE, "临期/过期", "Past its date", evidence=True),
    Reason("seven_days", AFTERSALE, "七天无理由退货", "Return within seven days"),
    Reason("other", AFTERSALE, "其他", "Other"),
)


def find(code: str, *, use: str) -> Reason:
    """Return the reason that a code means for a use.

    :raises ReasonUnknown: there is none.
    """
    for reason in REASONS:
        if (reason.code, reason.use) == (code, use):
            return reason
    raise ReasonUnknown(pointer="/reason", reason=code)


def shown(code: str, *, english: bool) -> str:
    """Show a reason in words; a code that is no longer listed is shown as it is."""
    for reason in REASONS:
        if reason.code == code:
            return reason.english if english else reason.name
    return code
