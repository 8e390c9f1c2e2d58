"""A load client that costs little: signed requests made beforehand, sent over kept connections."""

import hashlib
import hmac
import json
import secrets
import selectors
import socket
import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

HOST = "127.0.0.1"
READ_BYTES = 1 << 20


@dataclass
class Measured:
    """What a run saw: answers by status, seconds in all, and each request's seconds."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """Return the latency in milliseconds below which that share of requests stayed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


def request(port: int, key: str, secret: str, path: str, body: object) -> bytes:
    """Return one signed POST, ready to send."""
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    timestamp, nonce = str(int(time.time())), secrets.token_hex(12)
    digest = hashlib.sha256(raw).hexdigest()
    text = f"POST\n{path}\n\n{timestamp}\n{nonce}\n{digest}"
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(raw)}\r\nHuopan-Key: {key}\r\nHuopan-Timestamp: {timestamp}\r\n"
        f"Huopan-Nonce: {nonce}\r\nHuopan-Signature: v1={signature}\r\n\r\n"
    )
    return head.encode() + raw


def get(port: int, key: str, secret: str, path: str, query: str) -> bytes:
    """Return one signed GET, ready to send."""
    timestamp, nonce = str(int(time.time())), secrets.token_hex(12)
    digest = hashlib.sha256(b"").hexdigest()
    text = f"GET\n{path}\n{query}\n{timestamp}\n{nonce}\n{digest}"
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    head = (
        f"GET {path}?{query} HTTP/1.1\r\nHost: {HOST}:{port}\r\n"
        f"Huopan-Key: {key}\r\nHuopan-Timestamp: {timestamp}\r\n"
        f"Huopan-Nonce: {nonce}\r\nHuopan-Signature: v1={signature}\r\n\r\n"
    )
    return head.encode()


class Connection:
    """One kept connection with at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = port
        self.began = 0.0
        self.received = b""
        self.expected = -1

    def send(self, raw: bytes) -> None:
        """Send a request."""
        self.received, self.expected = b"", -1
        self.began = time.perf_counter()
        self.socket.sendall(raw)

    def read(self) -> bool:
        """Read what has come; tell whether the answer is whole."""
        part = self.socket.recv(READ_BYTES)
        if not part:
            raise ConnectionError("the server closed the connection")
        self.received += part
        if self.expected < 0:
            head, mark, _ = self.received.partition(b"\r\n\r\n")
            if not mark:
                return False
            length = next(
                line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
            )
            self.expected = len(head) + 4 + int(length.partition(b":")[2])
        return len(self.received) >= self.expected

    @property
    def status(self) -> int:
        """The status of the answer."""
        return int(self.received[9:12])

    @property
    def body(self) -> bytes:
        """The body of the answer."""
        return self.received.partition(b"\r\n\r\n")[2]


def run(
    port: int, requests: Iterable[bytes], *, clients: int, keep_bodies: bool = False
) -> Measured:
    """Send all requests over so many connections, each waiting for its answer; return what came."""
    waiting = deque(requests)
    measured = Measured()
    selector = selectors.DefaultSelector()
    connections = [Connection(port) for _ in range(min(clients, len(waiting)))]
    began = time.perf_counter()
    for connection in connections:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send(waiting.popleft())
    under_way = len(connections)
    while under_way:
        for event, _ in selector.select():
            connection = event.data
            if not connection.read():
                continue
            measured.latencies.append(time.perf_counter() - connection.began)
            measured.statuses[connection.status] += 1
            if keep_bodies:
                measured.bodies.append(connection.body)
            if waiting:
                connection.send(waiting.popleft())
            else:
                under_way -= 1
    measured.seconds = time.perf_counter() - began
    for connection in connections:
        connection.socket.close()
    selector.close()
    return measured
