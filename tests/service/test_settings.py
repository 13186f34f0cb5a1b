from pathlib import Path

import pytest

from service.errors import SettingsError
from service.settings import Settings, is_loopback, load_settings


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"POQUAN_{name.upper()}", raising=False)


def test_without_settings_the_service_listens_on_this_machine_only() -> None:
    settings = load_settings()
    assert (settings.host, settings.port, settings.api_key) == ("127.0.0.1", 8000, None)
    assert (settings.max_comments, settings.max_bytes) == (1000, 2_000_000)


def test_the_environment_sets_and_an_empty_variable_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POQUAN_PORT", "9000")
    monkeypatch.setenv("POQUAN_HOST", "")
    monkeypatch.setenv("POQUAN_MODEL", "~/model")
    settings = load_settings()
    assert (settings.port, settings.host) == (9000, "127.0.0.1")
    assert settings.model == Path.home() / "model"


def test_what_the_command_says_stands_above_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POQUAN_PORT", "9000")
    assert load_settings(port=1234, host=None).port == 1234


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.org"])
def test_a_host_that_others_reach_needs_a_key(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match=rf"{host}.*POQUAN_API_KEY"):
        load_settings(host=host)
    monkeypatch.setenv("POQUAN_API_KEY", "secret")
    assert load_settings(host=host).host == host


def test_a_wrong_value_is_named_with_its_variable() -> None:
    with pytest.raises(SettingsError, match=r"POQUAN_PORT is 'http'"):
        load_settings(port="http")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PORT", "70000", "POQUAN_PORT is '70000': it must be at most 65535."),
        ("STREAMS", "perhaps", "POQUAN_STREAMS is 'perhaps': it must be true or false."),
        ("LATENESS", "-1", "POQUAN_LATENESS is '-1': it must be at least 0."),
        ("LATENESS", "soon", "POQUAN_LATENESS is 'soon': it must be a number."),
    ],
)
def test_a_refusal_says_what_is_allowed(name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"POQUAN_{name}", value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert str(refused.value) == told


@pytest.mark.parametrize("url", ["x", "poquan.example", "ftp://poquan.example", "https://", "http://a b", "http://[a"])
def test_links_lead_only_to_web_addresses(url: str) -> None:
    with pytest.raises(SettingsError, match=r"POQUAN_EXTERNAL_URL is .*: it must be an address such as https://"):
        load_settings(external_url=url)


@pytest.mark.parametrize("url", ["", "https://poquan.example/below", "http://10.0.0.1:8000"])
def test_a_web_address_or_none_is_taken_for_links(url: str) -> None:
    assert load_settings(external_url=url).external_url == url


def test_a_database_url_that_cannot_be_read_is_named_with_its_variable_and_hidden() -> None:
    with pytest.raises(SettingsError, match=r"POQUAN_DATABASE_URL is \(hidden\): .* must be sqlite:///FILE") as refused:
        load_settings(database_url="mei:kept-to-ourselves@db")
    assert "kept-to-ourselves" not in str(refused.value)


def test_the_key_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POQUAN_API_KEY", "kept-to-ourselves")
    assert "kept-to-ourselves" not in repr(load_settings())


def test_loopback_addresses() -> None:
    assert all(map(is_loopback, ["127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost"]))
    assert not any(map(is_loopback, ["0.0.0.0", "::", "10.0.0.1", "localhost.example.org", ""]))


def test_a_checkout_is_its_own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    monkeypatch.delenv("POQUAN_HOME", raising=False)
    assert load_settings().home == root / "var"
    monkeypatch.setattr("model.registry._SOURCE_ROOT", tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert load_settings().home == tmp_path / "data" / "poquan"
