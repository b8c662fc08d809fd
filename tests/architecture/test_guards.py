from __future__ import annotations

import socket

import pytest


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_a_connection_to_another_machine_is_refused(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as client, pytest.raises(Exception, match=r"socket\.connect to"):
        client.connect((host, 9))


def test_a_look_up_of_another_machine_is_refused() -> None:
    with pytest.raises(Exception, match=r"socket\.getaddrinfo to 'portico\.example'"):
        socket.getaddrinfo("portico.example", 25)


def test_a_connection_to_this_machine_is_not_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
