from collections.abc import Iterator

import httpx
import pytest

from tests.service.api.serving import serving, settings_for

KEY = "a-key-made-up-for-this-test"


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving(settings_for(tmp_path_factory.mktemp("locked"), api_key=KEY)) as running:
        yield running.client


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/score"),
        ("GET", "/model"),
        ("POST", "/model/reload"),
        ("GET", "/metrics"),
        ("GET", "/openapi.json"),
        ("GET", "/"),
        ("GET", "/nothing"),
        ("GET", "//livez"),
        ("GET", "/livez/../model"),
        ("GET", "/livez/"),
    ],
)
def test_without_the_key_nothing_opens(locked: httpx.Client, method: str, path: str) -> None:
    reply = locked.request(method, httpx.URL(locked.base_url).copy_with(raw_path=path.encode()))
    assert reply.status_code == 401
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["www-authenticate"] == "Bearer"
    assert KEY not in reply.text


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_the_probes_need_no_key(locked: httpx.Client, path: str) -> None:
    assert locked.get(path).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"Authorization": f"Bearer {KEY}"}, {"Authorization": f"bearer  {KEY}"}, {"X-API-Key": KEY}]
)
def test_the_key_opens(locked: httpx.Client, headers: dict[str, str]) -> None:
    assert locked.post("/score", json={"text": "好看"}, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {KEY}x"},
        {"Authorization": f"Bearer {KEY[:-1]}"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": KEY},
        {"X-API-Key": ""},
        {"X-API-Key": KEY.upper()},
        {b"X-API-Key": "密钥".encode()},
    ],
)
def test_anything_else_does_not(locked: httpx.Client, headers: dict[str, str] | dict[bytes, bytes]) -> None:
    assert locked.post("/score", json={"text": "好看"}, headers=headers).status_code == 401


def test_the_key_is_asked_for_in_the_documentation(locked: httpx.Client, client: httpx.Client) -> None:
    document = locked.get("/openapi.json", headers={"X-API-Key": KEY}).json()
    assert set(document["components"]["securitySchemes"]) == {"bearer", "header"}
    assert "security" not in client.get("/openapi.json").json()
