"""URLs of servers, of every form, and those that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recyclic.events.errors import BusUrlError
from recyclic.events.streams.address import Topology, parse_url, without_password


@pytest.mark.parametrize(
    ("url", "topology", "hosts", "database"),
    [
        ("redis://localhost", Topology.SINGLE, (("localhost", 6379),), 0),
        ("valkey://h:7000/3", Topology.SINGLE, (("h", 7000),), 3),
        ("redis://[::1]:7000", Topology.SINGLE, (("::1", 7000),), 0),
        ("redis+sentinel://a,b:1/site/2", Topology.SENTINEL, (("a", 26379), ("b", 1)), 2),
        ("redis+cluster://a:1,b:2", Topology.CLUSTER, (("a", 1), ("b", 2)), 0),
    ],
)
def test_network_forms(
    url: str, topology: Topology, hosts: tuple[tuple[str, int], ...], database: int
) -> None:
    """Scheme, hosts, database."""
    address = parse_url(url)
    assert (address.topology, address.hosts, address.database) == (topology, hosts, database)


def test_credentials_and_tls() -> None:
    """Percent-encoded as URLs are; certificates are verified unless told otherwise."""
    address = parse_url("rediss://site:p%40ss@h/0?ssl_ca_certs=/ca.pem&prefix=x:")
    assert (address.username, address.password) == ("site", "p@ss")
    assert address.tls is not None
    assert (address.tls.ca_file, address.tls.verify, address.tls.check_hostname) == (
        "/ca.pem", True, True,
    )  # fmt: skip
    assert address.options == {"prefix": "x:"}


def test_a_socket() -> None:
    """unix:// with a database."""
    address = parse_url("unix:///run/redis/redis.sock?db=4")
    assert (address.path, address.database) == ("/run/redis/redis.sock", 4)


@pytest.mark.parametrize(
    "url",
    ["", "localhost:6379", "http://h", "redis://h:port", "redis://h:99999", "redis://h/x",
     "unix://", "redis+sentinel://h:1", "redis+cluster://h/1"],
)  # fmt: skip
def test_what_is_no_address(url: str) -> None:
    """Refused with the reason."""
    with pytest.raises(BusUrlError) as refused:
        parse_url(url)
    assert refused.value.facts["reason"]


@given(st.text(alphabet=st.characters(exclude_characters="@"), min_size=8, max_size=20))
def test_no_password_is_ever_shown(password: str) -> None:
    """Neither in an address's own text nor in an error."""
    secret = f"sEcReT{password}"
    assert secret not in without_password(f"redis://site:{secret}@h")
    try:
        address = parse_url(f"redis://site:{secret}@h:1")
    except BusUrlError as error:
        assert secret not in str(error)
    else:
        assert secret not in address.shown() + repr(address)
