"""What viewers say, as alerts and segments show it: terms and comments."""

from collections.abc import Sequence

from service.monitor.facet_wording import chinese_name
from service.replay.page import Doc
from service.replay.page.figures import moment, percent, short
from service.replay.page.markup import Html, join, part

_MOST_TERMS, _MOST_QUOTES, _MOST_EXAMPLES = 14, 5, 3


def terms_that_rose(terms: Sequence[Doc]) -> Html:
    """Give the terms of an explanation with their shares before and after, the surest largest."""
    return _terms([(each, f"{percent(each['before'])} → {percent(each['after'])}") for each in terms])


def naming_terms(terms: Sequence[Doc]) -> Html:
    """Give the terms that set a segment apart, the surest largest."""
    return _terms([(each, "") for each in terms])


def quotes(comments: Sequence[Doc], kind: str) -> Html:
    """Give comments of an explanation, each with where it comes from."""
    return _quotes([(each["text"], _origin(each)) for each in comments[:_MOST_QUOTES]], kind)


def examples(texts: Sequence[str]) -> Html:
    """Give example comments of a segment."""
    return _quotes([(text, "") for text in texts[:_MOST_EXAMPLES]], "hot")


def copied(groups: Sequence[Doc]) -> Html:
    """Give the texts of groups of near-copies, each with how often and by how many it was written."""
    shown = [(each["text"], f"{each['size']:,} 条", each["authors"]) for each in groups[:_MOST_QUOTES]]
    return _quotes([(text, size + (f" · {by:,} 个账号" if by else "")) for text, size, by in shown], "hot")


def _terms(terms: Sequence[tuple[Doc, str]]) -> Html:
    if not terms:
        return Html()
    shown = terms[:_MOST_TERMS]
    most = max(abs(term["z"]) for term, _ in shown) or 1
    chips = [
        part("term", term=term["term"], z=f"{term['z']:.1f}", weight=f"{abs(term['z']) / most:.2f}", shares=shares)
        for term, shares in shown
    ]
    return part("terms", terms=join(chips))


def _quotes(comments: Sequence[tuple[str, str]], kind: str) -> Html:
    if not comments:
        return Html()
    kept = [(short(text) if text else "（原文已过保存期 text no longer kept）", origin) for text, origin in comments]
    return part("quotes", quotes=join(part("quote", kind=kind, text=text, origin=origin) for text, origin in kept))


def _origin(comment: Doc) -> str:
    said = [
        chinese_name(comment["platform"]) if comment["platform"] else "",
        f"{comment['likes']:,} 赞" if comment["likes"] else "",
        moment(comment["time"]),
        f"第 {comment['seq']:,} 条",
        f"负面 {percent(comment['p_negative'])}",
    ]
    return " · ".join(filter(None, said))
