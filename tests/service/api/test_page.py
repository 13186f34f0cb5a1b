import json
import re
from dataclasses import asdict
from html.parser import HTMLParser

import httpx

from model import Scorer
from service.api.page import whole_page

PAGE = whole_page()


class Addresses(HTMLParser):
    found: list[str]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("src", "href", "action")]


def test_the_page_is_served_and_may_ask_only_this_service(client: httpx.Client) -> None:
    reply = client.get("/")
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert "破圈" in reply.text


def test_the_page_fetches_nothing_from_elsewhere(client: httpx.Client) -> None:
    parser = Addresses()
    parser.found = []
    parser.feed(PAGE)
    local = [address for address in parser.found if not address.startswith("data:")]
    assert local and not [address for address in local if ":" in address or address.startswith("/")]
    assert all(client.get(address).status_code == 200 for address in local)
    assert "innerHTML" not in PAGE


def test_the_page_has_a_name_for_every_shipped_facet_in_both_languages() -> None:
    table = re.search(r"const NAMES = (\{.*\});", PAGE)
    assert table is not None
    names = json.loads(table.group(1))
    facets = Scorer.load().facet_names
    assert {kind: tuple(named) for kind, named in names.items()} == asdict(facets)
    assert names["circles"]["senior"] == {"zh": "中老年·银发", "en": "Older audiences"}
    assert all(set(name) == {"zh", "en"} for kind in names.values() for name in kind.values())


def test_the_page_asks_for_no_platform() -> None:
    assert "<select" not in PAGE
    assert "JSON.stringify({ text })" in PAGE


def test_everything_said_in_one_language_is_said_in_the_other() -> None:
    chinese, english = re.findall(r"^  (?:zh|en): \{(.*?)\}", PAGE, re.MULTILINE | re.DOTALL)
    said = [set(re.findall(r"\b(\w+): [\"\[]", block)) for block in (chinese, english)]
    assert said[0] - {"tries"} == said[1]
