"""What is handed over once the demo is loaded: log-ins for people, and a key for a machine."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from demo import companies, tables
from demo.companies import DISTRIBUTORS, STAFF, SUPPLIERS, Cast
from integration import keys
from running import servers

FILE = "demo.json"


@dataclass(frozen=True)
class Credentials:
    """What the first distributor's shop signs with."""

    distributor: str
    key: str
    secret: str


def place() -> Path:
    """Return where the credentials are kept, readable by their owner alone."""
    return Path(settings.HOME) / FILE


def read(path: Path | None = None) -> Credentials | None:
    """Return the credentials that were kept, if there are any."""
    try:
        kept = json.loads((path or place()).read_text(encoding="utf-8"))
        return Credentials(**kept)
    except (FileNotFoundError, ValueError, TypeError):
        return None


def keep(cast: Cast, at: datetime) -> Credentials:
    """Keep the first distributor's key; a new one is made only where none that works is kept."""
    distributor = cast.distributors[DISTRIBUTORS[0].code]
    kept = read()
    if cast.new_key is None and kept is not None and _works(kept):
        return kept
    new = cast.new_key or keys.create(partner=distributor.partner, at=at, name="demo")
    made = Credentials(distributor.number, new.key.public_id, new.secret)
    servers.write_secret(place(), json.dumps(asdict(made), indent=2))
    return made


def lines(cast: Cast, credentials: Credentials) -> Iterator[str]:
    """Show who logs in where, and with which key a machine may call."""
    yield f"密码 Password（仅供演示 demo only）: {companies.PASSWORD}"
    yield ""
    yield from tables.aligned(_log_ins(cast))
    yield ""
    shop = cast.distributors[DISTRIBUTORS[0].code]
    yield f"API  {settings.PUBLIC_URL}/api/v1/   {shop.company.name} {shop.number}"
    yield f"  key     {credentials.key}"
    yield f"  secret  {credentials.secret}"
    yield f"  kept in {place()}"


def _log_ins(cast: Cast) -> Iterator[tuple[str, str, str]]:
    for staff in STAFF:
        yield f"平台 Platform  {staff.name} {staff.title}", _door("admin"), staff.email
    both = {plan.name for plan in SUPPLIERS} & {plan.name for plan in DISTRIBUTORS}
    for supplier in SUPPLIERS:
        roles = "双角色 Both roles" if supplier.name in both else "供货商 Supplier"
        number = cast.suppliers[supplier.code].number
        yield f"{roles}  {supplier.name} {number}", _door("supplier"), _mail(supplier.people)
    for shop in DISTRIBUTORS:
        if shop.name not in both:
            number = cast.distributors[shop.code].number
            yield f"分销商 Distributor  {shop.name} {number}", _door("portal"), _mail(shop.people)


def _mail(people: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{mailbox}@{companies.MAIL}" for mailbox, _ in people)


def _door(path: str) -> str:
    return f"{settings.PUBLIC_URL}/{path}/"


def _works(kept: Credentials) -> bool:
    found = keys.credentials([kept.key]).get(kept.key)
    return found is not None and kept.secret.encode() in found.secrets
