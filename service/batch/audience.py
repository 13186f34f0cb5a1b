"""The audience of each work of a labelling: its mix of circles and the share of women, as a table and as figures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from service.batch.label import Report
from service.batch.tally import MOST_AUDIENCES, OTHERS, AudienceCounts

if TYPE_CHECKING:
    from model import AuthorGender, Mix
    from model.metrics import Estimate

WORKS_SHOWN = 10
"""The most works whose audience the terminal shows."""

LEAST_COMMENTS = 30
"""An audience mix of fewer comments tells nothing."""

_HOW_TO_READ = "Corrected for the model's error, 95 % intervals; a comment may speak from several circles or none."
_NAME_SHOWN = 40  # characters of a work's name
_CIRCLES_SHOWN = 5
_CIRCLE_SHOWN = 20  # characters of a circle's name
_LEAST_SHOWN = 0.005  # of the low bound of a share: below it the circle may as well not be there


@dataclass(frozen=True, slots=True)
class Audience:
    """The audience of a work: its mix of circles and the share of women, each None where nothing can be said."""

    work: str | None
    counts: AudienceCounts
    mix: "Mix | None"
    women: "AuthorGender | None"


@dataclass(frozen=True, slots=True)
class Audiences:
    """The audience of all comments together and of each work, the one with the most comments first."""

    all: Audience
    works: list[Audience]


def read_audiences(report: Report, most: int | None = None) -> Audiences:
    """Estimate the audiences of a labelling, of its `most` largest works only where that is given.

    The works beyond `MOST_AUDIENCES` count in `all`, and together as `OTHERS`.
    """
    tally = report.standing.audiences
    largest = sorted(tally.counts.items(), key=lambda item: -item[1].comments)[:most]
    return Audiences(
        _audience(None, tally.total, report), [_audience(work, counts, report) for work, counts in largest]
    )


def show_audiences(report: Report, audiences: Audiences, console: Console) -> None:
    """Print the audience of the largest works and of all together, or why there is none."""
    if report.rates is None and report.standing.comments:
        sentence = (
            f"No audience mix: the model {report.model} knows no rates to correct shares by; train it again with this "
            "poquan."
            if report.facets is not None
            else f"No audience mix: the model {report.model} is no longer where it was."
        )
        console.print(sentence, soft_wrap=True)
    shown = [each for each in audiences.works if each.counts.comments >= LEAST_COMMENTS and each.work != OTHERS]
    rows = [(each.work or "-", each) for each in shown[:WORKS_SHOWN]]
    if len(report.standing.audiences.counts) > 1:
        rows.append(("all", audiences.all))
    if not any(each.mix or each.women for _, each in rows):
        return
    console.print(_audience_table(rows, report))
    if report.rates is not None:
        console.print(_HOW_TO_READ)
    if OTHERS in report.standing.audiences.counts:
        console.print(f"Works after the first {MOST_AUDIENCES} count in the last row alone.")


def _audience(work: str | None, counts: AudienceCounts, report: Report) -> Audience:
    import numpy as np

    from model import GenderCounts, author_gender
    from model.mix import mix_of_counts

    mix = None
    if report.facets is not None and report.rates is not None and counts.comments >= LEAST_COMMENTS:
        bins = np.array(counts.bins, np.float64)
        mix = mix_of_counts(bins, report.rates, report.facets.circles, report.expected)
    return Audience(work, counts, mix, author_gender(GenderCounts(*counts.gender)))


def _audience_table(rows: list[tuple[str, Audience]], report: Report) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True, leading=1)
    table.add_column("audience mix\nby work", overflow="fold", min_width=6, max_width=40)
    table.add_column("comments", justify="right", no_wrap=True)
    columns: dict[str, Callable[[Audience], str]] = {"women among\nauthors": _women}
    if report.rates is not None:
        columns = {"circles": _circles, **columns, "effective\ncircles": _effective}
    for name in columns:
        table.add_column(name, no_wrap=True)
    for name, audience in rows:
        cells = (cell(audience) for cell in columns.values())
        table.add_row(name[:_NAME_SHOWN], f"{audience.counts.comments:,}", *cells)
    return table


def _shown(mix: "Mix") -> "dict[str, Estimate]":
    """The circles with the largest shares that are surely there, and all with an expectation, the largest first."""
    ranked = sorted(mix.shares.items(), key=lambda item: -item[1].value)
    sure = [circle for circle, share in ranked if share.low > _LEAST_SHOWN][:_CIRCLES_SHOWN]
    return {circle: share for circle, share in ranked if circle in sure or circle in mix.lift}


def _circles(audience: Audience) -> str:
    """A line for each circle shown, and its TGI below where its share was expected."""
    from corpora.taxonomy import CIRCLES, read_facets

    mix = audience.mix
    if mix is None:
        return "-"
    chinese = {circle.key: circle.chinese for circle in read_facets(CIRCLES)}
    lines = []
    for circle, share in _shown(mix).items():
        lines.append(f"{chinese.get(circle, circle)[:_CIRCLE_SHOWN]} {_percent(share)}")
        if lift := mix.lift.get(circle):
            lines.append(f"  TGI {lift.value:.0f} ({lift.low:.0f}–{lift.high:.0f})")
    return "\n".join(lines) or "-"


def _women(audience: Audience) -> str:
    women = audience.women
    return "-" if women is None else f"{_percent(women.share)}\n{women.basis}\nn = {women.witnesses:,}"


def _effective(audience: Audience) -> str:
    if audience.mix is None:
        return "-"
    number = audience.mix.effective
    return f"{number.value:.1f}\n({number.low:.1f}–{number.high:.1f})"


def _percent(share: "Estimate") -> str:
    digits = 0 if share.value >= 0.1 else 1
    value, low, high = (f"{100 * part:.{digits}f}" for part in (share.value, share.low, share.high))
    return f"{value} % ({low}–{high})"


def audience_figures(audience: Audience, report: Report) -> Mapping[str, Any]:
    """The audience as `write_summary` documents it."""
    mix, women = audience.mix, audience.women
    return {
        "audience": None if mix is None else {circle: _circle_figures(mix, circle, report) for circle in mix.shares},
        "none": None if mix is None else _share(mix.none),
        "effective_circles": None if mix is None else _interval("value", mix.effective, 2),
        "author_gender": None
        if women is None
        else {**_share(women.share), "basis": women.basis, "witnesses": women.witnesses},
        **_named(audience.counts, report),
    }


def _circle_figures(mix: "Mix", circle: str, report: Report) -> Mapping[str, Any]:
    share = _share(mix.shares[circle])
    if circle not in mix.lift:
        return share
    lift = mix.lift[circle]
    tgi = {"tgi": round(lift.value, 1), "tgi_low": round(lift.low, 1), "tgi_high": round(lift.high, 1)}
    return {**share, "expected": report.expected[circle], **tgi}


def _named(counts: AudienceCounts, report: Report) -> Mapping[str, Mapping[str, int]]:
    if report.facets is None:
        return {}
    aspects, stages = report.facets.aspects, report.facets.stages
    named = counts.named or (0,) * (len(aspects) + len(stages))
    return {
        "aspects": dict(zip(aspects, named[: len(aspects)], strict=True)),
        "stages": dict(zip(stages, named[len(aspects) :], strict=True)),
    }


def _share(share: "Estimate") -> Mapping[str, float]:
    return _interval("share", share, 4)


def _interval(name: str, estimate: "Estimate", digits: int) -> Mapping[str, float]:
    value, low, high = (round(part, digits) for part in (estimate.value, estimate.low, estimate.high))
    return {name: value, "low": low, "high": high}
