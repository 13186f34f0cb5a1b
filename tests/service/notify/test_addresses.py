import pytest

from service.errors import SettingsError
from service.notify.addresses import shown, webhook_addresses


def test_nothing_set_is_no_address() -> None:
    assert webhook_addresses(" , ") == ()


def test_an_address_given_twice_is_told_once() -> None:
    assert webhook_addresses("http://a.example/x,http://b.example,http://a.example/x") == (
        "http://a.example/x",
        "http://b.example",
    )


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://a.example/x", "a.example/x", "http:///x", "https:"])
def test_only_http_is_spoken(address: str) -> None:
    with pytest.raises(SettingsError, match=r"POQUAN_WEBHOOKS .* at place 2"):
        webhook_addresses(f"https://a.example,{address}")


def test_a_refusal_does_not_repeat_a_secret() -> None:
    with pytest.raises(SettingsError) as refusal:
        webhook_addresses("http://user:hunter2@a.example:port/?token=hunter2")
    assert "hunter2" not in str(refusal.value)


def test_what_is_shown_has_neither_path_nor_query_nor_credentials() -> None:
    assert shown("http://user:secret@[::1]:9/key?token=1#x") == "http://[::1]:9/…"
