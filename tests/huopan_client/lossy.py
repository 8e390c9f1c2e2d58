"""A line to the web server on which answers get lost after the server has done what it was asked."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass
class LossyLine:
    """Passes requests on, and loses as many answers as it is told to."""

    url: str = ""
    lose: int = 0
    passed: list[str] = field(default_factory=list)


@contextmanager
def lossy_line(to_url: str) -> Iterator[LossyLine]:
    """Run such a line on a port of its own."""
    line, server_address = LossyLine(), urlsplit(to_url).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            onward = HTTPConnection(server_address, timeout=30)
            onward.request(self.command, self.path, content or None, dict(self.headers))
            answer = onward.getresponse()
            told = answer.read()
            line.passed.append(f"{self.command} {self.path}")
            if line.lose:
                line.lose -= 1
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("connection", "transfer-encoding", "date", "server"):
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    line.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield line
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
