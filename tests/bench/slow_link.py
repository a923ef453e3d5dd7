#!/usr/bin/env python3
"""A slow link: passes connections on to a server on this machine, each reply later, and counts round trips.

  slow_link.py PORT [--delay MILLISECONDS] [--counts FILE]

Prints the port it listens on (loopback only). A round trip begins when the client sends after it has heard something (or
first of all); a reply is held back by the delay. When it is ended by SIGTERM, it writes a line for each connection into FILE: how many
round trips it had, in the order in which they began. At SIGUSR1 it does the same for those since the last time, and goes on.
"""

import argparse
import asyncio
import os
import signal


class Link:
    """One connection: how many round trips it had."""

    def __init__(self, delay):
        self.delay = delay
        self.trips = 0
        self.heard = True

    async def to_server(self, reader, writer):
        while data := await reader.read(65536):
            self.trips += self.heard
            self.heard = False
            writer.write(data)
            await writer.drain()
        writer.close()

    async def to_client(self, reader, writer):
        loop = asyncio.get_running_loop()
        held = asyncio.Queue()

        async def deliver():
            while (item := await held.get()) is not None:
                due, data = item
                await asyncio.sleep(max(0, due - loop.time()))
                self.heard = True
                writer.write(data)
                await writer.drain()
            writer.close()

        delivery = asyncio.create_task(deliver())
        while data := await reader.read(65536):
            held.put_nowait((loop.time() + self.delay, data))
        held.put_nowait(None)
        await delivery


def write_counts(path, links):
    """All at once: who waits for the file finds it whole."""
    with open(f"{path}.new", "w", encoding="ascii") as file:
        file.writelines(f"{link.trips}\n" for link in links)
    os.replace(f"{path}.new", path)
    links.clear()


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("--delay", type=float, default=0)
    parser.add_argument("--counts")
    arguments = parser.parse_args()
    links = []

    async def accept(reader, writer):
        link = Link(arguments.delay / 1000)
        links.append(link)
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", arguments.port)
            await asyncio.gather(link.to_server(reader, server_writer), link.to_client(server_reader, writer))
        except (OSError, asyncio.CancelledError):
            writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    if arguments.counts:
        loop.add_signal_handler(signal.SIGUSR1, write_counts, arguments.counts, links)
    await ended.wait()
    if arguments.counts:
        write_counts(arguments.counts, links)


if __name__ == "__main__":
    asyncio.run(main())
