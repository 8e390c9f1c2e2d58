"""Machines that are called back, in a process without Django: one that is well, and all that are not."""

import asyncio
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any


def serve(told: Connection) -> None:
    """Serve every behaviour on a port of its own, and tell the ports; ends with its process."""
    asyncio.run(_serve_all(told))


async def _serve_all(told: Connection) -> None:
    ports = {"refusing": 9}
    for name, behave in _BEHAVIOURS.items():
        server = await asyncio.start_server(_handler(behave), "127.0.0.1", 0, backlog=512)
        ports[name] = server.sockets[0].getsockname()[1]
    told.send(ports)
    await asyncio.Event().wait()


def _handler(behave: Callable[[asyncio.StreamWriter], Any]) -> Any:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    int(line.partition(b":")[2])
                    for line in head.lower().split(b"\r\n")
                    if line.startswith(b"content-length:")
                )
                await reader.readexactly(length)
                await behave(writer)
        except (OSError, asyncio.IncompleteReadError):
            writer.close()

    return handle


async def _answer(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


async def _fail(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")


async def _hang(_writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def _drip(writer: asyncio.StreamWriter) -> None:
    for letter in b"HTTP/1.1 200 OK and a very long reason for it":
        writer.write(bytes([letter]))
        await writer.drain()
        await asyncio.sleep(1)


async def _flood(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    for _ in range(1_000):
        writer.write(b"x" * 1_000_000)
        await writer.drain()


_BEHAVIOURS = {
    "healthy": _answer,
    "failing": _fail,
    "hanging": _hang,
    "dripping": _drip,
    "flooding": _flood,
}
