"""The Celery application: its queues, and the clock that wakes the tasks.

A task names its queue where it is declared, `@shared_task(queue="callbacks")`; without a name it
goes to the default one. Workers of production may serve one queue each, so that slow work and dead
endpoints never keep the rest waiting.
"""

import os
from typing import Any

from celery import Celery, Task
from kombu import Queue

from config import schedule
from kit import actors, attributing

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

DEFAULT = "default"
# Calls to other people's machines, and work of minutes: imports, exports, bills.
QUEUES = (DEFAULT, "callbacks", "slow")


class Attributed(Task):  # type: ignore[type-arg]
    """A task: what it writes was done by itself."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run, in a worker or in a sweep."""
        with attributing.to(lambda: str(actors.timer(self.name))):
            return super().__call__(*args, **kwargs)


app = Celery("huopan", task_cls=Attributed)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_default_queue=DEFAULT,
    task_queues=[Queue(name) for name in QUEUES],
    # A name that nobody serves is a mistake, not a new queue.
    task_create_missing_queues=False,
    beat_schedule=schedule.ENTRIES,
    worker_hijack_root_logger=False,
)
app.autodiscover_tasks()
