"""Who takes part in the demo: staff, suppliers and distributors, opened through the real acts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import Group

from companies import joining
from companies.models import Company, Membership, Person, Role
from distributors import levels, onboarding
from distributors.models import Distributor, Level
from integration.keys import NewKey
from kit.actors import Actor, person
from suppliers import onboarding as supplier_onboarding
from suppliers.models import Supplier

# For development only: the command refuses to load it where production settings are on.
PASSWORD = "huopan-demo-2026"  # noqa: S105
MAIL = "demo.example"
# So long before the demo's present day the companies were opened.
OPENED_BEFORE = timedelta(days=45)
PLATFORM = "platform"
BABY_COMPANY = "小象母婴用品有限公司"


@dataclass(frozen=True)
class StaffPlan:
    """One of the platform's own people; all rights where no group is named."""

    mailbox: str
    name: str
    title: str
    group: str = ""

    @property
    def email(self) -> str:
        return f"{self.mailbox}@{MAIL}"


@dataclass(frozen=True)
class SupplierPlan:
    """A supplier with its people; the first owns it."""

    code: str
    name: str
    people: tuple[tuple[str, str], ...]
    trusted: bool = False

    @property
    def clerk(self) -> Actor:
        """Who packs and edits goods for it."""
        return person(f"{self.people[-1][0]}@{MAIL}")


@dataclass(frozen=True)
class DistributorPlan:
    """A distributor with its people, and what of the demo's demand is its own."""

    code: str
    name: str
    level: str
    people: tuple[tuple[str, str], ...]
    share: int
    recharge_fen: int
    threshold_fen: int = 0
    credit_line_fen: int = 0


STAFF = (
    StaffPlan("admin", "陈总管", "全部权限 all rights"),
    StaffPlan("review", "吴审品", "商品 goods", "catalogue"),
    StaffPlan("finance", "郑财务", "财务 money", "finance"),
)
LEVELS = (("normal", "普通", 10, 800), ("silver", "银牌", 20, 500), ("gold", "金牌", 30, 300))
SUPPLIERS = (
    SupplierPlan("tea", "云岭茶业有限公司", (("tea", "林岚"),), trusted=True),
    SupplierPlan("nuts", "山里红农产品专业合作社", (("nuts", "马建国"),), trusted=True),
    SupplierPlan("fresh", "鲜达生鲜供应链有限公司", (("fresh", "周海"), ("fresh-clerk", "何小青"))),
    SupplierPlan("care", "素颜日化有限公司", (("care", "苏雅"),)),
    SupplierPlan("textile", "棉语家纺有限公司", (("textile", "顾棉"),)),
    SupplierPlan("baby", BABY_COMPANY, (("baby", "向晓"),)),
)
DISTRIBUTORS = (
    DistributorPlan(
        "xiaoman", "小满优选商城", "silver", (("xiaoman", "方小满"),), 28, 60_000_00, 5_000_00
    ),
    DistributorPlan(
        "star",
        "星河会员商城",
        "gold",
        (("star", "江星河"), ("star-buyer", "叶采购")),
        36,
        40_000_00,
        8_000_00,
        credit_line_fen=20_000_00,
    ),
    DistributorPlan(
        "gifts", "企福礼企业采购平台", "silver", (("gifts", "祝福来"),), 8, 50_000_00, 10_000_00
    ),
    DistributorPlan(
        "street", "邻里到家社区店", "normal", (("street", "田邻"),), 16, 6_000_00, 2_000_00
    ),
    # The same company as the supplier `baby`: it has both roles.
    DistributorPlan("baby", BABY_COMPANY, "normal", (("baby", "向晓"),), 12, 12_000_00, 3_000_00),
)


@dataclass(frozen=True)
class Cast:
    """Everybody, once opened. `new_key` is the first distributor's, where it was opened just now."""

    now: datetime
    suppliers: Mapping[str, Supplier]
    distributors: Mapping[str, Distributor]
    levels: Mapping[str, Level]
    new_key: NewKey | None

    @property
    def opened_at(self) -> datetime:
        """When the companies were opened."""
        return self.now - OPENED_BEFORE

    def source(self, code: str) -> Supplier | None:
        """Return the owner of goods: a supplier, or None for the platform's own."""
        return None if code == PLATFORM else self.suppliers[code]


def actor_of(owner: str) -> Actor:
    """Return who acts for an owner of goods in the demo."""
    if owner == PLATFORM:
        return person(STAFF[0].email)
    return next(plan.clerk for plan in SUPPLIERS if plan.code == owner)


def present_day(clock: datetime) -> datetime:
    """Return the demo's present: when it was loaded first, else now."""
    first = Company.objects.filter(name=SUPPLIERS[0].name).order_by("pk").first()
    return first.opened_at + OPENED_BEFORE if first else clock


def open_all(*, now: datetime) -> Cast:
    """Open whoever is missing; those who are there stay as they are."""
    at = now - OPENED_BEFORE
    _staff(at)
    ranks = {code: _level(code, name, rank, rate, at) for code, name, rank, rate in LEVELS}
    suppliers = {plan.code: _supplier(plan, at) for plan in SUPPLIERS}
    opened = {plan.code: _distributor(plan, ranks[plan.level], at) for plan in DISTRIBUTORS}
    return Cast(
        now=now,
        suppliers=suppliers,
        distributors={code: distributor for code, (distributor, _) in opened.items()},
        levels=ranks,
        new_key=opened[DISTRIBUTORS[0].code][1],
    )


def _staff(at: datetime) -> None:
    for plan in STAFF:
        if Person.objects.filter(email=plan.email).exists():
            continue
        member = Person.objects.create_user(
            plan.email,
            PASSWORD,
            name=plan.name,
            joined_at=at,
            is_staff=True,
            is_superuser=not plan.group,
        )
        member.groups.set(Group.objects.filter(name=plan.group))


def _level(code: str, name: str, rank: int, fee_rate_bp: int, at: datetime) -> Level:
    known = Level.objects.filter(code=code).first()
    return known or levels.define(code=code, name=name, rank=rank, fee_rate_bp=fee_rate_bp, at=at)


def _supplier(plan: SupplierPlan, at: datetime) -> Supplier:
    supplier = Supplier.objects.filter(company__name=plan.name).first()
    if supplier is None:
        supplier = supplier_onboarding.open_supplier(
            name=plan.name, trusted=plan.trusted, at=at
        ).supplier
    _people(supplier.company, plan.people, at)
    return supplier


def _distributor(
    plan: DistributorPlan, level: Level, at: datetime
) -> tuple[Distributor, NewKey | None]:
    known = Distributor.objects.filter(company__name=plan.name).first()
    if known is not None:
        _people(known.company, plan.people, at)
        return known, None
    opened = onboarding.open_distributor(
        name=plan.name,
        level=level,
        at=at,
        company=Company.objects.filter(name=plan.name).first(),
        credit_line_fen=plan.credit_line_fen,
        low_deposit_threshold_fen=plan.threshold_fen,
    )
    _people(opened.distributor.company, plan.people, at)
    return opened.distributor, opened.key


def _people(company: Company, people: tuple[tuple[str, str], ...], at: datetime) -> None:
    for place, (mailbox, name) in enumerate(people):
        email = f"{mailbox}@{MAIL}"
        if Membership.objects.filter(company=company, person__email=email).exists():
            continue
        invitation = joining.invite(
            company=company,
            email=email,
            role=Role.MEMBER if place else Role.OWNER,
            actor=person(STAFF[0].email),
            at=at,
        )
        joining.accept(token=invitation.token, name=name, password=PASSWORD, at=at)
