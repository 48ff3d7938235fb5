"""Addresses: what may be served without a proxy, and what people are told."""

import socket

import pytest

from recyclic.runtime.errors import CannotListenError, NeedsProxyError
from recyclic.runtime.listen import address_of, listen, require_proxy


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "[::1]", "localhost"])
def test_loopback_needs_no_proxy(host: str) -> None:
    """Only this machine can reach it."""
    require_proxy(host, has_proxy=False)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.4", "example.org", "localhost.example.org", "", "1.2"]
)
def test_anything_else_is_refused_without_one(host: str) -> None:
    """Names too: what they mean is not ours to know."""
    with pytest.raises(NeedsProxyError) as caught:
        require_proxy(host, has_proxy=False)
    assert caught.value.exit_code == 64
    require_proxy(host, has_proxy=True)


def test_port_0_takes_a_free_one_and_says_which() -> None:
    """The address is the real one."""
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        assert address_of(listener) == f"http://127.0.0.1:{port}"
        assert port > 0


def test_a_taken_port_is_told() -> None:
    """With the system's reason."""
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(CannotListenError) as caught:
            listen("127.0.0.1", port)
    assert "in use" in str(caught.value.facts["reason"])


@pytest.mark.parametrize("host", ["no.such.host.invalid", "999.1.1.1", "a" * 300])
def test_an_address_that_is_none_is_told(host: str) -> None:
    """Never a traceback."""
    with pytest.raises(CannotListenError):
        listen(host, 0)


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_an_ipv6_address_stands_in_brackets() -> None:
    """As a browser wants it."""
    try:
        listener = listen("::1", 0)
    except CannotListenError:
        pytest.skip("no IPv6 loopback here")
    with listener:
        assert address_of(listener).startswith("http://[::1]:")
