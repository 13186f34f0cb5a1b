"""New groups of viewers, each with the terms that name it."""

from collections.abc import Sequence

from service.replay.page import Doc
from service.replay.page.figures import percent
from service.replay.page.markup import Html, calm, facts, join, part, section
from service.replay.page.saying import examples, naming_terms
from service.replay.page.wording import STATES, both, segment_name


def segments(found: Sequence[Doc]) -> Html:
    """Give a card for each segment, the largest first."""
    cards = [
        part(
            "segment",
            name=segment_name(each),
            state=both(STATES, each["state"]),
            facts=segment_facts(each),
            terms=naming_terms(each["terms"]),
            quotes=examples(each["examples"]),
        )
        for each in sorted(found, key=lambda each: (-each["size"], each["id"]))
    ]
    note = "现有圈层都解释不了、却自成一类的评论。Comments that fit no known circle and yet belong together."
    body = part("segments", segments=join(cards)) if cards else calm("没有发现新人群", "No new segment")
    return section("segments", "新人群", "New segments", body, note)


def segment_facts(segment: Doc) -> Html:
    """Give how large a segment is, how it grew, and how much its comments are alike."""
    return facts(
        [
            f"{segment['size']:,.0f} 条 comments",
            f"占无圈层评论 {percent(segment['share_first'])} → {percent(segment['share'])}",
            f"增长 growth ×{segment['growth']:.1f}",
            f"凝聚度 coherence {segment['coherence']:.2f}（全体 {segment['coherence_of_all']:.2f}）",
        ]
    )
