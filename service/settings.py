"""What a deployment may choose: every setting of the service, read from the environment (`POQUAN_…`)."""

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.errors import SettingsError
from service.refusal import requirement


def _default_home() -> Path:
    from model.registry import default_home  # here: it loads the model's libraries, which `poquan --help` must not

    return default_home()


class Settings(BaseSettings):
    """The settings of one process; `POQUAN_PORT=9000` in the environment sets `port`.

    An empty variable counts as not set. A host that others can reach is refused without an `api_key`.
    """

    model_config = SettingsConfigDict(env_prefix="POQUAN_", env_ignore_empty=True, frozen=True, extra="ignore")

    home: Path = Field(default_factory=_default_home, description="Folder for models, labels and the database.")
    host: str = Field("127.0.0.1", description="Address the service listens on.")
    port: Annotated[int, Field(ge=0, le=65535, description="Port the service listens on; 0 takes a free one.")] = 8000
    api_key: SecretStr | None = Field(None, description="Key that clients must send; needed beyond this machine.")
    model: Path | None = Field(None, description="Model folder; without it the current model of `home`.")
    max_comments: Annotated[int, Field(ge=1, description="Most comments in one request.")] = 1000
    max_bytes: Annotated[int, Field(ge=1, description="Most bytes in one request.")] = 2_000_000
    gather: bool = Field(True, description="Whether small requests that arrive together are scored together.")
    streams: bool = Field(True, description="Whether this process owns the streams; only one process may.")
    database_url: SecretStr | None = Field(
        None, description="Database of the streams, sqlite:///FILE or postgresql://…; without it poquan.db of `home`."
    )
    lateness: Annotated[
        float, Field(ge=0, description="Seconds a comment may lie behind its stream's newest and still be watched.")
    ] = 600.0
    hot_streams: Annotated[int, Field(ge=1, description="Streams kept in memory; others are parked.")] = 1_500
    keep_texts_days: Annotated[
        float | None, Field(gt=0, description="Days after which texts and authors are dropped; without it never.")
    ] = None
    keep_comments_days: Annotated[
        float | None, Field(gt=0, description="Days after which comments are dropped whole; without it never.")
    ] = None
    webhooks: str = Field("", description="Addresses told of alerts, separated by commas.")
    webhook_secret: SecretStr | None = Field(None, description="Key that signs what webhooks are sent (HMAC-SHA256).")
    external_url: str = Field("", description="Where others reach the service, for links in alerts.")

    @property
    def database(self) -> str:
        """The URL of the streams' database."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.home / 'poquan.db'}"

    @field_validator("home", "model")
    @classmethod
    def _expand_user(cls, path: Path | None) -> Path | None:
        return path.expanduser() if path is not None else None

    @field_validator("external_url")
    @classmethod
    def _refuse_no_address(cls, url: str) -> str:
        if url and not _is_web_address(url):
            raise ValueError("must be an address such as https://poquan.example.org, or empty")
        return url

    @field_validator("database_url")
    @classmethod
    def _refuse_no_database(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            from service.store.address import read_address  # here: `poquan --help` needs no database
            from service.store.errors import StoreError

            try:
                read_address(url.get_secret_value())
            except StoreError as error:
                raise ValueError(str(error)) from None
        return url

    @model_validator(mode="after")
    def _refuse_an_open_door(self) -> Self:
        if self.api_key is None and not is_loopback(self.host):
            raise ValueError(
                f"Listening on {self.host} lets other machines in, so POQUAN_API_KEY must be set "
                "(or listen on 127.0.0.1)."
            )
        return self


def load_settings(**overrides: object) -> Settings:
    """The settings from the environment; `overrides` that are not None stand above it.

    Raises `SettingsError` with one sentence a problem, naming the variable, its value and what was wrong.
    """
    chosen = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**chosen)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        raise SettingsError(" ".join(_sentence(problem) for problem in error.errors())) from None


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`.

    >>> is_loopback("localhost"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", url)


_SECRET = frozenset(("POQUAN_API_KEY", "POQUAN_DATABASE_URL", "POQUAN_WEBHOOKS", "POQUAN_WEBHOOK_SECRET"))


def _sentence(problem: object) -> str:
    assert isinstance(problem, dict)
    said = requirement([problem])
    if not problem["loc"]:
        return said
    name = f"POQUAN_{str(problem['loc'][0]).upper()}"
    value = "(hidden)" if name in _SECRET else repr(problem["input"])
    return f"{name} is {value}: {said if said.endswith('.') else f'it {said}.'}"
