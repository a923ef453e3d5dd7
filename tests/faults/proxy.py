"""A small TCP proxy in front of a server's Unix socket that breaks connections at a chosen place.

Owns its listening port (given by the kernel) and two threads for each connection. Rules say where a connection is
broken: at a byte of either direction, or where a text passes; and how. A rule hits once.
"""
import collections
import re
import socket
import struct
import threading
import time
from dataclasses import dataclass, field

TO_SERVER = 'to-server'
TO_CLIENT = 'to-client'

CUT = 'cut'                 # both sides closed at the place: what stands before it is forwarded
CUT_REPLY = 'cut-reply'     # forwarded whole, but the client never hears of it: its side is closed at once
HALF_OPEN = 'half-open'     # the client's side is closed; the server hears of it only after `seconds`
BLACKHOLE = 'blackhole'     # from the place on nothing passes in either direction; after `seconds` both sides close
STALL = 'stall'             # nothing passes for `seconds`, then all goes on
HOOK = 'hook'               # all passes, and `on_hit` is called behind it


@dataclass
class Rule:
    """Where (`way`, then `at` bytes or `pattern`) and how (`action`). `link`: only the connection of this number."""
    way: str
    action: str
    at: int = 0
    pattern: bytes = None
    skip: int = 0           # so many matches of the pattern pass first
    seconds: float = 0
    reset: bool = False     # close with RST instead of FIN
    link: int = None
    on_hit: object = None
    hit: bool = False
    bound: 'Link' = field(default=None, repr=False)
    seen: int = 0

    def describe(self):
        place = f'/{self.pattern.decode()}/ after {self.skip}' if self.pattern else f'byte {self.at}'
        return f'{self.action} {self.way} at {place}'


class Link:
    """One client's connection with the server's."""

    def __init__(self, proxy, number, client, server):
        self.proxy = proxy
        self.number = number
        self.client = client
        self.server = server
        self.passed = {TO_SERVER: 0, TO_CLIENT: 0}
        self.dropping = False
        self.deaf = False    # what the server says is dropped
        self.stalled_until = 0
        self.open_pumps = 2

    def close(self, sides, reset=False):
        for side in sides:
            try:
                if reset:
                    side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                side.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close_both(self, reset=False):
        self.close((self.client, self.server), reset)

    def later(self, seconds):
        timer = threading.Timer(seconds, self.close_both)
        timer.daemon = True
        timer.start()
        self.proxy.timers.append(timer)

    def pump_ended(self):
        """The last of the two pumps frees the sockets, so that a number is not used again while one still reads."""
        with self.proxy.lock:
            self.open_pumps -= 1
            last = self.open_pumps == 0
            if last:
                self.proxy.links.discard(self)
        if last:
            self.client.close()
            self.server.close()


class Proxy:
    def __init__(self, name, upstream):
        self.name = name
        self.upstream = upstream    # path of the server's socket
        self.lock = threading.Lock()
        self.rules = []
        self.links = set()
        self.timers = []
        self.counts = collections.Counter()     # bytes by number of the connection and way
        self.accepted = 0
        self.gate = None            # connections that are made now wait for this event
        self.listener = socket.create_server(('127.0.0.1', 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        self.closed = False
        threading.Thread(target=self.accept_loop, daemon=True).start()

    # ---- What others call ----

    def arm(self, rule):
        with self.lock:
            self.rules.append(rule)
        return rule

    def heal(self):
        """No rule any more; what was stalled or half open ends now."""
        with self.lock:
            self.rules.clear()
            timers, self.timers = self.timers, []
            links = list(self.links)
        for timer in timers:
            timer.cancel()
        for link in links:
            link.stalled_until = 0
            if link.dropping or link.deaf:
                link.close_both()

    def restart_count(self):
        """The next connection is number 1 again, and bytes count from 0; what was there is closed."""
        with self.lock:
            self.accepted = 0
            self.counts = collections.Counter()
            self.rules.clear()
            links = list(self.links)
        for link in links:
            link.close_both()

    def close(self):
        self.closed = True
        if self.gate:
            self.gate.set()
        self.listener.close()
        self.heal()
        with self.lock:
            links = list(self.links)
        for link in links:
            link.close_both()

    # ---- Connections ----

    def accept_loop(self):
        while not self.closed:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            gate = self.gate
            if gate:
                threading.Thread(target=self.open_link, args=(client, gate), daemon=True).start()
            else:
                self.open_link(client)

    def open_link(self, client, gate=None):
        if gate:
            gate.wait()
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            server.connect(self.upstream)
        except OSError:
            client.close()
            server.close()
            return
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.lock:
            self.accepted += 1
            link = Link(self, self.accepted, client, server)
            self.links.add(link)
        for way, source, sink in ((TO_SERVER, client, server), (TO_CLIENT, server, client)):
            threading.Thread(target=self.pump, args=(link, way, source, sink), daemon=True).start()

    def pump(self, link, way, source, sink):
        try:
            while True:
                chunk = source.recv(65536)
                if not chunk:
                    break
                if not self.forward(link, way, chunk, sink):
                    break
        except OSError:
            pass
        if not link.dropping and not link.deaf:
            link.close_both()
        link.pump_ended()

    def forward(self, link, way, chunk, sink):
        """False once the connection is broken."""
        while time.monotonic() < link.stalled_until:
            time.sleep(0.02)
        rule, place = self.match(link, way, chunk)
        if rule:
            return self.strike(link, way, chunk, sink, rule, place)
        if link.dropping or (link.deaf and way == TO_CLIENT):
            return True
        sink.sendall(chunk)
        link.passed[way] += len(chunk)
        self.counts[link.number, way] += len(chunk)
        return True

    # ---- Rules ----

    def match(self, link, way, chunk):
        """The rule that this chunk meets, and where in the chunk."""
        with self.lock:
            for rule in self.rules:
                if rule.way != way or (rule.link and rule.link != link.number):
                    continue
                place = self.pattern_place(rule, chunk) if rule.pattern else self.byte_place(rule, link, way, chunk)
                if place is not None:
                    rule.hit = True
                    self.rules.remove(rule)
                    return rule, place
        return None, None

    @staticmethod
    def pattern_place(rule, chunk):
        for found in re.finditer(rule.pattern, chunk):
            if rule.seen == rule.skip:
                return found.start() if rule.action == CUT else len(chunk)
            rule.seen += 1
        return None

    @staticmethod
    def byte_place(rule, link, way, chunk):
        """Counted on the rule's connection from its start, or on the first that speaks after arming, from there."""
        if rule.link:
            start = rule.at - link.passed[way]
        else:
            if rule.bound is None or rule.bound not in link.proxy.links:
                rule.bound, rule.seen = link, 0
            if rule.bound is not link:
                return None
            start = rule.at - rule.seen
            rule.seen += len(chunk)
        return start if 0 <= start < len(chunk) else None

    def strike(self, link, way, chunk, sink, rule, place):
        if rule.action == STALL:
            link.stalled_until = time.monotonic() + rule.seconds
            return self.forward(link, way, chunk, sink)
        if rule.on_hit and rule.action != HOOK:
            rule.on_hit()
        if rule.action == HOOK:
            sink.sendall(chunk)
            link.passed[way] += len(chunk)
            rule.on_hit()
            return True
        whole = rule.action == CUT_REPLY
        if rule.action in (HALF_OPEN, CUT_REPLY):
            link.deaf = True
        if rule.action == BLACKHOLE:
            link.dropping = True
        sent = chunk if whole else chunk[:place]
        if sent:
            sink.sendall(sent)
            link.passed[way] += len(sent)
        if rule.action == CUT:
            link.close_both(rule.reset)
            return False
        if rule.action == BLACKHOLE:
            link.later(rule.seconds)
            return True
        link.close((link.client,), rule.reset)
        link.later(rule.seconds or 0.2)
        return True
