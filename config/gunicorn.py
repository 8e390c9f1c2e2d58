"""How gunicorn serves the web application; every number can come from the environment.

Threads rather than processes: a request waits for PostgreSQL, and orders that wait at the same
moment in one process can share a transaction.
"""

import gc
import os
from pathlib import Path
from typing import Any

wsgi_app = "config.wsgi:application"
proc_name = "huopan-web"

bind = os.environ.get("WEB_BIND", f"127.0.0.1:{os.environ.get('HUOPAN_PORT', '8000')}")
backlog = 1024
worker_class = "gthread"
workers = int(os.environ.get("WEB_PROCESSES", "2"))
threads = int(os.environ.get("WEB_THREADS", "32"))
worker_connections = 1000
keepalive = 30

timeout = 60
# A request ends within STATEMENT_TIMEOUT_MS at the latest; stopping must not take longer than that
# of the whole installation, which is ten seconds.
graceful_timeout = 7
# A leak, should there be one, never grows for ever; the jitter keeps processes from leaving at once.
max_requests = int(os.environ.get("WEB_MAX_REQUESTS", "200000"))
max_requests_jitter = max_requests // 10

limit_request_line = 8190
limit_request_fields = 100
# Which addresses may say by X-Forwarded-Proto that the client came by https. Django decides about
# X-Forwarded-For itself (TRUSTED_PROXIES).
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
# A client's headers never become another header's name.
forwarder_headers = ""
header_map = "drop"
# Nobody steers the server but by signals.
control_socket_disable = True

accesslog = os.environ.get("WEB_ACCESS_LOG") or None
errorlog = "-"
loglevel = os.environ.get("WEB_LOG_LEVEL", "info")
# The heartbeat is a file; on a slow disk it would make healthy processes look dead.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108

# One import for all processes: they start sooner and share its memory.
preload_app = True


def post_worker_init(worker: Any) -> None:
    """Collect garbage less often: a batch of orders makes many objects that die young, none in cycles."""
    del worker
    gc.set_threshold(50_000, 20, 50)


def when_ready(server: Any) -> None:
    """Keep what was loaded out of the garbage collector's way, so that its memory stays shared."""
    del server
    gc.collect()
    gc.freeze()
