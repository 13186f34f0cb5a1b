"""`GET /`: a page to paste a comment into and see what the model makes of it."""

from functools import cache
from pathlib import Path

import orjson
from fastapi import APIRouter
from starlette.responses import HTMLResponse

from corpora.taxonomy import ASPECTS, CIRCLES, STAGES, read_facets

router = APIRouter(include_in_schema=False)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@cache
def whole_page() -> str:
    """The page with the names of the shipped facets, by kind and key; one it has no name for goes by its key."""
    page = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
    kinds = {"circles": CIRCLES, "aspects": ASPECTS, "stages": STAGES}
    names = {
        kind: {facet.key: {"zh": facet.chinese, "en": facet.english} for facet in read_facets(path)}
        for kind, path in kinds.items()
    }
    return page.replace("{ /* names */ }", orjson.dumps(names).decode().replace("<", "\\u003c"))


@router.get("/")
async def page() -> HTMLResponse:
    """The page; it carries all it needs and asks only this service."""
    return HTMLResponse(whole_page(), headers=HEADERS)
