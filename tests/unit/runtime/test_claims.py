"""Claims: which paths a route really covers."""

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.responses import PlainTextResponse
from starlette.routing import Host, Mount, Router

from recyclic.runtime.claims import Claim, Wildcard, claim_on, claims_of


def patterns(app: FastAPI) -> set[str]:
    return {claim.pattern for claim in claims_of(app) if isinstance(claim, Claim)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/a/{x}", "/a/{y}"),
        ("/a/{x:str}", "/a/{x}"),
        ("/files/{p:path}", "/files/{rest:path}"),
        ("/v{n}/x", "/v{major}/x"),
    ],
)
def test_names_of_parameters_do_not_count(one: str, other: str) -> None:
    """Two spellings of the same paths are one claim."""
    assert claim_on(one).identity == claim_on(other).identity


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/a/{x}", "/a/{x:int}"),
        ("/a/{x}", "/a/b"),
        ("/v{n}/x", "/w{n}/x"),
        ("/a", "/a/"),
        ("/f/{p:path}", "/f/{p:path}/meta"),
    ],
)
def test_different_paths_are_different_claims(one: str, other: str) -> None:
    """A convertor, a literal or a slash tells two claims apart."""
    assert claim_on(one).identity != claim_on(other).identity


def test_a_claim_means_only_what_its_convertors_accept() -> None:
    """The shape finds candidates; the pattern decides."""
    assert claim_on("/a/{x:int}").means("/a/12")
    assert not claim_on("/a/{x:int}").means("/a/twelve")
    assert claim_on("/a/{x}").means("/a/twelve")


def test_everything_behind_a_path_parameter_is_one_wildcard() -> None:
    """``{p:path}`` swallows slashes, so nothing after it has a place of its own."""
    assert claim_on("/f/{p:path}/meta").shape == ("f", Wildcard.REST)


def test_routes_of_every_kind_are_found() -> None:
    """Included routers, nested ones, mounts and websockets claim their full paths."""
    inner = APIRouter(prefix="/inner")
    inner.add_api_route("/x", lambda: None)
    outer = APIRouter(prefix="/outer")
    outer.include_router(inner, prefix="/between")
    outer.add_api_route("/y", lambda: None)
    app = FastAPI(openapi_url=None)
    app.include_router(outer, prefix="/api")
    app.add_api_websocket_route("/live", lambda websocket: None)
    app.router.routes.append(Mount("/static", app=PlainTextResponse("x")))
    assert patterns(app) == {
        "/api/outer/between/inner/x",
        "/api/outer/y",
        "/live",
        "/static/{path:path}",
    }


def test_the_walk_agrees_with_fastapi_s_own() -> None:
    """Ours builds nothing; FastAPI's is the judge, so that an upgrade that moves things is seen."""
    inner = APIRouter(prefix="/i", tags=["t"])
    inner.add_api_route("/a/{n:int}", lambda n: n, methods=["POST"])
    middle = APIRouter()
    middle.include_router(inner, prefix="/m")
    app = FastAPI(openapi_url=None)
    app.include_router(middle, prefix="/one")
    app.include_router(inner, prefix="/two")
    app.add_api_route("/plain", lambda: None)
    theirs = {context.path for context in iter_route_contexts(app.routes)}
    assert patterns(app) == theirs == {"/one/m/i/a/{n:int}", "/two/i/a/{n:int}", "/plain"}


def test_a_route_without_a_path_comes_back_itself() -> None:
    """A host says nothing about paths; it has to be asked request by request."""
    host = Host("api.example.org", app=Router())
    app = FastAPI(openapi_url=None)
    app.router.routes.append(host)
    assert claims_of(app) == (host,)
