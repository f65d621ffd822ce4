"""A peer that gets a name, or another address, is found at once: nothing that a name server said is kept."""

from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = """
from chassis.runtime import launcher
import socket
import dns.message, dns.nameserver, dns.rcode, dns.rrset, dns.flags

ANSWERS = [None, "10.0.0.1", "10.0.0.2"]
now = 0

def query(self, request, *_, **__):
    answer = dns.message.make_response(request)
    answer.flags |= dns.flags.RA
    name = request.question[0].name
    if ANSWERS[now] is None:
        answer.set_rcode(dns.rcode.NXDOMAIN)
        answer.authority.append(dns.rrset.from_text(".", 86400, "IN", "SOA", "a. b. 1 1800 900 604800 86400"))
    elif request.question[0].rdtype == 1:
        answer.answer.append(dns.rrset.from_text(name, 600, "IN", "A", ANSWERS[now]))
    return dns.message.from_wire(answer.to_wire())

dns.nameserver.Do53Nameserver.query = query
for now in range(3):
    try:
        print(socket.getaddrinfo("participation", 8001, socket.AF_INET, socket.SOCK_STREAM)[0][4][0])
    except socket.gaierror:
        print("none")
"""


def test_no_answer_of_a_name_server_is_kept() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "EVENTLET_NO_GREENDNS"}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["none", "10.0.0.1", "10.0.0.2"]
