"""Where webhooks go: the addresses of `POQUAN_WEBHOOKS`, and how one is shown without its secrets."""

from service.errors import SettingsError

VARIABLE = "POQUAN_WEBHOOKS"
SCHEMES = ("http", "https")


def webhook_addresses(setting: str) -> tuple[str, ...]:
    """Give the addresses of a comma-separated setting, each once and in its order; a comma in one is written ``%2C``.

    Raises `SettingsError` for an address that is none, or of another scheme than http and https.

    >>> webhook_addresses("https://example.org/hook, http://localhost:9093/api/v2/alerts")
    ('https://example.org/hook', 'http://localhost:9093/api/v2/alerts')
    """
    given = [part.strip() for part in setting.split(",")]
    return tuple(dict.fromkeys(_checked(address, place) for place, address in enumerate(given, 1) if address))


def shown(address: str) -> str:
    """Give what of an address may stand in a log: path, query and credentials often are the key to a chat group.

    >>> shown("https://user:secret@example.org:8443/robot/send?access_token=abc")
    'https://example.org:8443/…'
    """
    import httpx  # here: without webhooks nothing of it is needed

    url = httpx.URL(address)
    return f"{url.scheme}://{url.netloc.decode('ascii')}/…"


def _checked(address: str, place: int) -> str:
    import httpx

    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        raise SettingsError(
            f"{VARIABLE} has no address at place {place}, its value there cannot be read as one; write it like "
            "https://example.org/hook."
        ) from None
    if url.scheme not in SCHEMES or not url.host:
        raise SettingsError(
            f"{VARIABLE} has an address of the scheme {url.scheme!r} and the host {url.host!r} at place {place}; "
            "only http://… and https://… are told: correct or remove it."
        )
    return address
