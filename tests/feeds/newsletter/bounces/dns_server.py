"""A DNS server on loopback: real questions and answers over UDP (RFC 1035)."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

#: (name, type) → records as a zone file writes them.
Zone = Mapping[tuple[str, str], list[str]]


@contextmanager
def answering(zone: Zone, *, silent: bool = False, broken: bool = False) -> Iterator[str]:
    """The zone behind a port of this machine. :param silent: it answers nothing. :param broken: it says SERVFAIL.
    :return: its address, as ``--dns`` takes it."""
    names = {dns.name.from_text(name) for name, _kind in zone}

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, out = self.request
            if silent:
                return
            asked = dns.message.from_wire(data)
            said = dns.message.make_response(asked)
            said.flags |= dns.flags.RA
            question = asked.question[0]
            name, kind = question.name, dns.rdatatype.to_text(question.rdtype)
            rows = zone.get((name.to_text().rstrip("."), kind), [])
            if broken:
                said.set_rcode(dns.rcode.SERVFAIL)
            elif rows:
                said.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *rows))
            elif name not in names:
                said.set_rcode(dns.rcode.NXDOMAIN)
            out.sendto(said.to_wire(), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
