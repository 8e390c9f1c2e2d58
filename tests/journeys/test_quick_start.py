"""The quick start is true: its own commands are run, one block after the other, against a real server."""

import os
import re
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from integration import delivering, outbox
from kit.actors import OPERATIONS
from orders import shipping
from orders.models import Fulfilment, Order
from running import processes
from tests.api.signed import Shop
from tests.conftest import LiveWeb
from tests.factories import make_sku

PAGE = (Path(settings.BASE_DIR) / "docs" / "api" / "quick-start.md").read_text()
CHINESE, ENGLISH = PAGE.split("# Quick start: ")
HERE_IT_IS_SHIPPED = "<!-- here somebody ships it -->"
PROGRAMS = ("bash", "curl", "openssl", "jq", "python3")
SECONDS = 90
# A block is over when this has been printed, with the status of what was run last.
OVER = 'echo "over $?"\n'


def blocks(text: str) -> list[str]:
    return re.findall(r"^```bash\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


class Terminal:
    """A shell into which the blocks are pasted; it ends as soon as a command fails."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self._shell = subprocess.Popen(
            ["timeout", str(SECONDS), "bash", "-euo", "pipefail"],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": str(folder)} | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def paste(self, block: str) -> str:
        """Run a block and return what it printed."""
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        self._shell.stdin.write(block + OVER)
        self._shell.stdin.flush()
        shown = ""
        for line in self._shell.stdout:
            if line.startswith("over "):
                return shown
            shown += line
        raise AssertionError(f"{block}\nended with\n{shown}")

    def close(self) -> None:
        """End the shell and what it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._shell.pid, signal.SIGKILL)
        self._shell.communicate(timeout=SECONDS)


def test_both_languages_show_the_same_commands() -> None:
    assert blocks(CHINESE) == blocks(ENGLISH)


@pytest.mark.http
def test_the_quick_start_leads_from_a_key_to_the_callback_of_a_shipped_order(
    live_web: LiveWeb, tmp_path: Path
) -> None:
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.skip(f"{missing} are not installed")
    shop = Shop()
    make_sku(supply_price_fen=50_00, available=420)
    terminal = Terminal(
        tmp_path,
        HUOPAN_URL=live_web.url,
        HUOPAN_KEY=shop.key.public_id,
        HUOPAN_SECRET=shop.secret,
        PORT=str(processes.free_port()),
    )
    before, after = ENGLISH.split(HERE_IT_IS_SHIPPED)

    try:
        shown = [terminal.paste(block) for block in blocks(before)]
        ship_and_tell(shop)
        shown += [terminal.paste(block) for block in blocks(after)]
    finally:
        terminal.close()

    echoed, _found, called, placed, shipped, told, received = shown
    order = Order.objects.get()
    assert shop.key.public_id in echoed
    assert '"status": 204' in called
    assert placed.count(order.order_no) == 2
    assert "order.shipped evt_" in shipped
    assert order.out_order_no in shipped
    assert '"type":"order.shipped"' in told
    assert '"state": "completed"' in received


def ship_and_tell(shop: Shop) -> None:
    """What the supplier and the worker do meanwhile."""
    shipping.ship(
        fulfilment_pk=Fulfilment.objects.get().pk,
        supplier=None,
        carrier_code="SF",
        tracking_no="SF1234567890",
        actor=OPERATIONS,
        at=timezone.now(),
    )
    outbox.stamp(shop.distributor.partner_id)
    delivering.deliver()
