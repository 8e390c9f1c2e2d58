"""All that happens by itself, and when.

Each entry only wakes a task that looks for rows that are due and takes them with SKIP LOCKED: a
tick too many costs nothing, and a tick that is lost is made up for by the next one. So an entry
carries no arguments, and expires when its successor is due instead of piling up behind it.

The same entries are what `manage.py sweep` runs once, without Celery: so a task returns how many
things it did, or nothing where that says nothing.

To add one, append a line to its section below::

    "note who ordered what": every(5, "orders.tasks.note_ordered"),
    "place the orders of files": every(2, "orders.tasks.place_filed"),
    "let holds lapse": every(10, "orders.tasks.lapse_due"),
    "close yesterday's statements": daily("02:10", "books.tasks.close_statements"),
"""

from datetime import time
from typing import Any

from celery.schedules import crontab

MINUTE = 60
HOUR = 60 * MINUTE


def every(seconds: float, task: str) -> dict[str, Any]:
    """Wake a task again and again."""
    return {"task": task, "schedule": float(seconds), "options": {"expires": float(seconds)}}


def daily(at: str, task: str) -> dict[str, Any]:
    """Wake a task once a day, at a time of settings.TIME_ZONE such as "02:10"."""
    moment = time.fromisoformat(at)
    return {
        "task": task,
        "schedule": crontab(hour=moment.hour, minute=moment.minute),
        "options": {"expires": float(HOUR)},
    }


def monthly(day: int, at: str, task: str) -> dict[str, Any]:
    """Wake a task once a month; the day is at most the 28th, which every month has."""
    assert 1 <= day <= 28, "some months lack this day"
    entry = daily(at, task)
    moment = time.fromisoformat(at)
    entry["schedule"] = crontab(day_of_month=day, hour=moment.hour, minute=moment.minute)
    return entry


# Seconds: timers of orders and after-sales, callbacks, merged stock events.
TICKING: dict[str, dict[str, Any]] = {
    "number new events": every(1, "integration.tasks.stamp"),
    "push stock": every(0.5, "supplychain.tasks.push_stock"),
    "tell of goods that changed": every(1, "supplychain.tasks.tell_changes"),
    "tell who was refused for want of stock": every(1, "orders.tasks.push_missing"),
    "delist what is sold out": every(10, "supplychain.tasks.delist_sold_out"),
    "call back who has something due": every(5, "integration.tasks.deliver"),
    "place orders that waited for funds": every(3, "orders.tasks.place_funded"),
    "place the orders of files": every(2, "orders.tasks.place_filed"),
    "let holds lapse": every(10, "orders.tasks.lapse_due"),
    "receive parcels that are due": every(30, "orders.tasks.receive_due"),
    "complete orders whose window is over": every(MINUTE, "orders.tasks.complete_due"),
    "grant cancellations without an answer": every(30, "orders.tasks.grant_unanswered"),
    "tell of parts that are late": every(60, "orders.tasks.note_late"),
    "end the waits of after-sales": every(30, "aftersales.tasks.run_due"),
    "settle refused and lost parcels": every(30, "aftersales.tasks.open_for_parcels"),
    "tell suppliers of their orders": every(1, "aftersales.tasks.tell_suppliers"),
    "decline goodwill that waited too long": every(MINUTE, "aftersales.tasks.decline_goodwill"),
    "link what was posted": every(10, "ledger.tasks.link"),
    "match what the bank showed": every(10 * MINUTE, "books.tasks.match_bank"),
    "roll up days that are over": every(10 * MINUTE, "books.tasks.roll_up"),
    "roll up how suppliers did": every(HOUR, "books.tasks.roll_performance"),
    "begin and end holidays of suppliers": every(30, "supplychain.tasks.keep_holidays"),
    "load files of goods": every(2, "supplychain.tasks.load_goods_files"),
    "write catalogue files": every(5, "supplychain.tasks.write_exports"),
    "let price rises take effect": every(30, "supplychain.tasks.apply_due_revisions"),
    "tell by mail what is low": every(10 * MINUTE, "supplychain.tasks.mail_low_stock"),
    "do what staff want done to many": every(2, "console.tasks.do_many"),
    "send reports that are due": every(MINUTE, "console.tasks.send_reports"),
    "note that the clock ticks": every(30, "console.tasks.note_beat"),
    "forget old API requests": every(HOUR, "integration.tasks.forget_requests"),
    "forget used nonces": every(5 * MINUTE, "integration.tasks.forget_nonces"),
}

# Once a day, while China sleeps: statements, bills of periods that are over, roll-ups, clean-ups.
DAILY: dict[str, dict[str, Any]] = {
    "close yesterday's statements": daily("00:12", "books.tasks.close_statements"),
    "issue bills of periods that are over": daily("00:40", "suppliers.tasks.settle"),
    "count what lies long on no bill": daily("01:10", "suppliers.tasks.count_unbilled"),
    "prove the books": daily("02:40", "books.tasks.prove"),
    "forget old events": daily("03:40", "integration.tasks.forget_events"),
    "put old API usage together": daily("03:55", "integration.tasks.tidy_usage"),
    "forget who ordered long ago": daily("03:35", "orders.tasks.forget_ordered"),
    "forget old changes of goods": daily("03:45", "supplychain.tasks.forget_changes"),
    "delete old catalogue files": daily("03:30", "supplychain.tasks.forget_exports"),
    "forget old drafts of products": daily("03:50", "supplychain.tasks.forget_drafts"),
    "forget old refusals": daily("03:10", "orders.tasks.forget_refusals"),
    "forget old quotes": daily("03:12", "orders.tasks.forget_quotes"),
    "forget old files of goods": daily("03:12", "supplychain.tasks.forget_goods_files"),
    "forget old visits of staff": daily("03:13", "companies.tasks.forget_visits"),
    "forget old jobs of staff": daily("03:14", "console.tasks.forget_bulk_jobs"),
    "forget old notes about exceptions": daily("03:16", "console.tasks.forget_attention"),
    "forget old files of orders": daily("03:15", "orders.tasks.forget_files"),
    "forget old files of parcels": daily("03:18", "orders.tasks.forget_shipping_files"),
    "delete papers of declined applicants": daily("03:25", "suppliers.tasks.forget_papers"),
    "delete licences of declined applicants": daily("03:27", "distributors.tasks.forget_licences"),
    "delete pictures that nothing used": daily("03:20", "aftersales.tasks.forget_evidence"),
}

# Once a month: bills.
MONTHLY: dict[str, dict[str, Any]] = {}

ENTRIES = {**TICKING, **DAILY, **MONTHLY}
