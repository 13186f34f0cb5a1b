import pytest

from service.store.address import read_address
from service.store.errors import StoreError


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_postgres_is_reached_by_psycopg_whichever_way_it_is_written(scheme: str) -> None:
    address = read_address(f"{scheme}://mei:geheim@db:5433/films")
    assert (address.url.drivername, address.file) == ("postgresql+psycopg", None)
    assert address.shown == "the database films on db"


def test_a_password_is_struck_out_of_what_a_driver_says() -> None:
    address = read_address("postgresql://mei:geheim@db/films?password=auch")
    assert address.without_password("no geheim, no auch") == "no ***, no ***"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mysql://mei:geheim@db/films", "of the kind 'mysql' are not kept"),
        ("postgresql://mei:ge@heim@db/films", "an @ too many"),
        ("postgresql://mei:x@db:geheim/films", "cannot be read"),
        ("geheim", "cannot be read"),
        ("sqlite://", "must name a plain file"),
        ("sqlite:///:memory:", "must name a plain file"),
        ("sqlite:///file:geheim?mode=ro&uri=true", "must name a plain file"),
        ("sqlite://geheim/films.db", "must name a plain file"),
    ],
)
def test_what_is_no_database_url_is_refused_without_showing_what_may_be_a_password(url: str, why: str) -> None:
    with pytest.raises(StoreError, match=why) as refused:
        read_address(url)
    assert "heim" not in str(refused.value)
