"""An alert in sentences: one in English, one in Chinese, and a longer description."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from service.monitor.alerts import Share
from service.monitor.explained import Explanation
from service.monitor.facet_wording import chinese_name, english_name, spoken_circle
from service.monitor.intervals import Estimate
from service.monitor.movers import Mover
from service.monitor.watch import SETTLED

_MAINLY = 0.4  # of the rise: from this part on it comes mainly from a group
_NAMED, _LEAST_NAMED = 2, 0.15  # groups of a kind in a sentence, and the least part of the second
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905


def annotations(explanation: Explanation) -> dict[str, str]:
    """Give the ``summary`` (one English sentence), ``summary_zh`` (one Chinese) and ``description`` (English)."""
    return {
        "summary": _summary(explanation),
        "summary_zh": _summary_zh(explanation),
        "description": _description(explanation),
    }


def _summary(told: Explanation) -> str:
    now = f"{_percent(told.after.value)} (95 %: {_range(told.after)})"
    if _opened(told):
        usual = f"which in nine works of ten stays below {_percent(told.baseline.value)}"
        shares = f"is {now}, {usual}, since {_clock(told, told.onset)}"
    else:
        verb = "rose" if _rose(told) else "went"
        shares = f"{verb} from {_percent(told.before.value)} to {now} since {_clock(told, told.onset)}"
    parts = [f"{told.work}: {_subject(told)} {shares}"]
    if circles := _named(told.circles):
        names = " and ".join(english_name(each.name) for each in circles)
        parts.append(
            f"{_percent(min(1.0, circles[0].part.value))} of it from {names}" if len(circles) == 1 else f"from {names}"
        )
    if told.platforms:
        parts.append(f"most of all on {english_name(told.platforms[0].name)}")
    if aspects := _topics(told):
        parts.append("about " + " and ".join(english_name(each.name).lower() for each in aspects))
    return ", ".join(parts) + ("; " + _end(told) + "." if told.change.state == "resolved" else ".")


def _named(moved: Sequence[Mover]) -> list[Mover]:
    """Give the group that moved most, and the next where it counts as well."""
    return [each for place, each in enumerate(moved[:_NAMED]) if not place or each.part.value >= _LEAST_NAMED]


def _topics(told: Explanation) -> list[Mover]:
    """Give the aspects worth a word: an alert on marketing has said what it is about."""
    return [] if told.change.labels.get("signal") == "marketing" else _named(told.aspects)


def _rose(told: Explanation) -> bool:
    return told.after.value > told.before.value


def _end(told: Explanation) -> str:
    return "the new level has become normal" if told.change.reason == SETTLED else "resolved"


def _subject(told: Explanation) -> str:
    labels = told.change.labels
    of = {
        "backlash": {
            "exit": "share of comments that warn others off or ask for refunds",
            "marketing": "share of negative talk about the marketing",
        }.get(labels.get("signal", ""), "negative share"),
        "poor_opening": "negative share at the opening",
        "coordinated": "share of near-copies",
        "circle_rise": f"share of {english_name(labels.get('circle', ''))}",
        "breakout": "share of voices outside the core circles",
        "new_segment": "share of a new group",
    }[labels["alertname"]]
    if labels.get("signal") == "women":
        of = "share of women among the authors"
    return of + _where(told)


def _where(told: Explanation) -> str:
    labels = told.change.labels
    within = f" among {english_name(labels['circle'])}" if _within_circle(told) else ""
    return within + (f" on {english_name(labels['platform'])}" if "platform" in labels else "")


def _summary_zh(told: Explanation) -> str:
    since = _moment_zh(told)
    now = f"{_percent_zh(told.after.value)}（95% 区间 {_range_zh(told.after)}）"
    rise = f"自 {since} 起由 {_percent_zh(told.before.value)} {'升至' if _rose(told) else '变为'} {now}"
    parts = [f"《{told.work}》{_subject_zh(told)}{_changed_zh(told, rise, now)}"]
    parts += _who_zh(told)
    if told.origin != "organic" and told.change.labels["alertname"] != "coordinated":
        parts.append(f"另有约 {_percent_zh(told.copies.value)} 的评论为雷同评论")
    if told.change.state == "resolved":
        parts.append("新水平已成常态" if told.change.reason == SETTLED else "目前已回落")
    return "，".join(part for part in parts if part) + "。"


def _subject_zh(told: Explanation) -> str:
    labels = told.change.labels
    where = f"在{chinese_name(labels['platform'])}" if "platform" in labels else ""
    where += spoken_circle(labels["circle"]) if _within_circle(told) else ""
    if labels.get("signal") == "women":
        return f"{where}女性观众占比"
    return (
        where
        + {
            "backlash": {"exit": "劝退和退票评论占比", "marketing": "吐槽宣传营销的评论占比"}.get(
                labels.get("signal", ""), "负面占比"
            ),
            "poor_opening": "开局口碑不佳：",
            "coordinated": "疑似有人集中刷评：",
            "circle_rise": f"{spoken_circle(labels.get('circle', ''))}占比",
            "breakout": "正在破圈：",
            "new_segment": "评论区出现一群新观众",
        }[labels["alertname"]]
    )


def _changed_zh(told: Explanation, rise: str, now: str) -> str:
    match told.change.labels["alertname"]:
        case "poor_opening":
            baseline = _percent_zh(told.baseline.value)
            return f"自 {_moment_zh(told)} 起负面占比 {now}，而九成作品开局低于 {baseline}"
        case "coordinated":
            return f"雷同评论占比{rise}"
        case "breakout":
            return f"核心圈层以外的声音{rise}"
        case "new_segment":
            named = "、".join(each.term for each in told.terms[:3])
            return (f"（常提“{named}”）" if named else "") + f"，占比{rise}"
        case "circle_rise" if told.lift is not None and told.lift >= 1:
            return f"{rise}，是基准 {_percent_zh(told.baseline.value)} 的 {told.lift:.1f} 倍"
        case _:
            return rise


def _who_zh(told: Explanation) -> list[str]:
    parts = []
    if circles := _named(told.circles):
        names = "和".join(spoken_circle(each.name).removesuffix("圈层") for each in circles) + "圈层"
        part = circles[0].part.value
        if part >= _MAINLY:
            parts.append(f"主要来自{names}")
        elif len(circles) == 1 and not _opened(told):
            parts.append(f"其中{names}贡献了约 {_percent_zh(part)} 的升幅")
        else:
            parts.append(f"{names}尤其明显")
    if told.platforms:
        parts.append(f"以{chinese_name(told.platforms[0].name)}最为集中")
    if aspects := _topics(told):
        verb = "集中在" if told.change.labels["alertname"] in ("backlash", "poor_opening") else "多在谈"
        parts.append(verb + "和".join(chinese_name(each.name) for each in aspects))
    return parts


def _description(told: Explanation) -> str:
    onset, earliest, latest = (_clock(told, time) for time in (told.onset, *told.onset_range))
    then, now = told.volume_before, told.volume_after
    before = f", {then.per_hour:,.1f} before" if then.comments else ""
    sentences = [
        f"It began about {onset}" + (f" (95 %: {earliest} to {latest})." if earliest != latest else "."),
        f"{now.comments:,} comments since ({now.per_hour:,.1f} an hour{before}) with {now.likes:,} likes.",
        *_groups("Circles", told, told.circles),
        *_groups("Platforms", told, told.platforms),
        *_groups("Aspects", told, told.aspects),
    ]
    if told.terms:
        sentences.append(f"Terms that rose: {'、'.join(each.term for each in told.terms)}.")
    if told.change.labels["alertname"] in ("circle_rise", "breakout", "new_segment"):
        sentences.append(
            f"Of those comments {_percent(told.negative.value)} are negative ({_range(told.negative)}) and "
            f"{_percent(told.positive.value)} positive ({_range(told.positive)})."
        )
    base = told.baseline
    sentences += [_origin(told), f"Baseline: {_percent(base.value)} ({_range(base)}) of {base.comments:,.0f} comments."]
    return " ".join(sentences)


def _origin(told: Explanation) -> str:
    accounts = f" Accounts that wrote what carries it: {told.authors:,}." if told.authors is not None else ""
    verdict = {
        "organic": "It looks organic",
        "mixed": "It is partly coordinated",
        "coordinated": "It looks coordinated",
    }[told.origin]
    return f"{verdict}: {_percent(told.copies.value)} of the comments are near-copies.{accounts}"


def _groups(kind: str, told: Explanation, moved: Sequence[Mover]) -> list[str]:
    labels = told.change.labels
    of_polarity = labels["alertname"] in ("backlash", "poor_opening") and labels.get("signal", "negative") == "negative"
    within = "negative" if of_polarity else "concerned"
    figures = [
        f"{english_name(each.name)} ({_then(told, each.before)}{_percent(each.after.value)} of the comments, "
        f"{_then(told, each.signal_before)}{_percent(each.signal_after.value)} of them {within}, "
        f"{_percent(min(1.0, each.part.value))} of the {'rise' if told.volume_before.comments else 'whole'})"
        for each in moved
    ]
    return [f"{kind}: {'; '.join(figures)}."] if figures else []


def _then(told: Explanation, share: Share) -> str:
    return f"{_percent(share.value)} to " if told.volume_before.comments else ""


def _within_circle(told: Explanation) -> bool:
    return "circle" in told.change.labels and told.change.labels["alertname"] in ("backlash", "poor_opening")


def _opened(told: Explanation) -> bool:
    return told.change.labels["alertname"] == "poor_opening"


def _local(told: Explanation, time: float) -> datetime:
    """Give a time in the explanation's zone, to the nearest minute."""
    return datetime.fromtimestamp(time, ZoneInfo(told.zone)) + timedelta(seconds=30)


def _clock(told: Explanation, time: float) -> str:
    at = _local(told, time)
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year} {at:%H:%M}"


def _moment_zh(told: Explanation) -> str:
    at = _local(told, told.onset)
    return f"{at.month} 月 {at.day} 日 {at:%H:%M}"


def _percent(share: float) -> str:
    return f"{100 * share:.{_digits(share)}f} %"


def _percent_zh(share: float) -> str:
    return f"{100 * share:.{_digits(share)}f}%"


def _digits(share: float) -> int:
    return 0 if share >= 0.095 or share == 0 else 1


def _range(share: Share | Estimate) -> str:
    return f"{100 * share.low:.{_digits(share.low)}f}–{_percent(share.high)}"


def _range_zh(share: Share) -> str:
    return f"{_percent_zh(share.low)}–{_percent_zh(share.high)}"
