"""Stands between Playwright and a stock Firefox, which is driven by WebDriver BiDi: `go_between.py FIREFOX [options]`.

Playwright gives every window colours and motion by `emulation.setMediaFeaturesOverride` and starts nothing without it;
Firefox up to 153 does not know the command. Its refusal is turned into a yes here, all else passes as it is. Who wants
dark colours of such a Firefox sets its preference `ui.systemUsesDarkTheme`.
"""

from __future__ import annotations

import asyncio
import json
import re
import struct
import sys
from asyncio import StreamReader, StreamWriter
from functools import partial

OPTIONAL = b"setMediaFeaturesOverride"
_LISTENING = re.compile(rb"WebDriver BiDi listening on ws://127\.0\.0\.1:(\d+)")
_SHORT = 4096
"""Bytes of the longest refusal: longer messages are passed on unread."""


def softened(message: bytes) -> bytes:
    """The message as Playwright shall have it."""
    if len(message) > _SHORT or OPTIONAL not in message:
        return message
    answer = json.loads(message)
    if answer.get("error") != "unknown command":
        return message
    return json.dumps({"type": "success", "id": answer["id"], "result": {}}).encode()


async def read_frame(reader: StreamReader) -> tuple[int, bytes]:
    """The first byte and the content of a server's frame (RFC 6455, 5.2), which is never masked."""
    first, length = await reader.readexactly(2)
    if length >= 126:
        form = ">H" if length == 126 else ">Q"
        (length,) = struct.unpack(form, await reader.readexactly(struct.calcsize(form)))
    return first, await reader.readexactly(length)


def frame(first: int, content: bytes) -> bytes:
    """A frame as a server sends it."""
    length = len(content)
    if length < 126:
        return bytes((first, length)) + content
    return (
        struct.pack(">BBH", first, 126, length) if length < 65536 else struct.pack(">BBQ", first, 127, length)
    ) + content


async def onward(reader: StreamReader, writer: StreamWriter) -> None:
    """What Playwright says."""
    while part := await reader.read(65536):
        writer.write(part)
        await writer.drain()


async def back(reader: StreamReader, writer: StreamWriter) -> None:
    """What Firefox says."""
    while True:
        first, content = await read_frame(reader)
        writer.write(frame(first, softened(content)))
        await writer.drain()


async def connect(port: int, reader: StreamReader, writer: StreamWriter) -> None:
    """Pass one connection through; Firefox wants to be called by its own port."""
    theirs, ours = await asyncio.open_connection("127.0.0.1", port, limit=2**26)
    hello = await reader.readuntil(b"\r\n\r\n")
    hello = re.sub(rb"(?im)^host:.*\r\n", b"Host: 127.0.0.1:%d\r\n" % port, hello)
    ours.write(re.sub(rb"(?im)^sec-websocket-extensions:.*\r\n", b"", hello))
    writer.write(await theirs.readuntil(b"\r\n\r\n"))
    ways = [asyncio.create_task(onward(reader, ours)), asyncio.create_task(back(theirs, writer))]
    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    for way in ways:
        way.cancel()
    ours.close()
    writer.close()


async def main(command: list[str]) -> int:
    """Start Firefox and say in its place where it listens."""
    firefox = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    assert firefox.stderr is not None
    async for line in firefox.stderr:
        said = line
        if found := _LISTENING.search(line):
            port = int(found[1])
            server = await asyncio.start_server(partial(connect, port), "127.0.0.1", 0)
            own = server.sockets[0].getsockname()[1]
            said = line.replace(found[1], str(own).encode())
        sys.stderr.buffer.write(said)
        sys.stderr.buffer.flush()
    return await firefox.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
