"""Shares, counts and times as the page shows them; times are told in China, to the nearest minute."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from service.monitor.series import ZONE

CHINA = ZoneInfo(ZONE)

_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60
_MOST_TEXT = 200  # characters of a comment


def percent(share: float | None) -> str:
    """Give a share in percent, small ones with a decimal.

    >>> percent(0.4), percent(0.034), percent(None)
    ('40%', '3.4%', '—')
    """
    if share is None:
        return "—"
    return f"{share:.1%}" if 0 < share < 0.0995 else f"{share:.0%}"


def seconds(iso: str) -> float:
    """Give the seconds since 1970 of an ISO 8601 time."""
    return datetime.fromisoformat(iso).timestamp()


def moment(iso: str, year: bool = False) -> str:
    """Give an ISO 8601 time as a Chinese reader writes it, as `clock` does."""
    return clock(seconds(iso), year)


def clock(time: float, year: bool = False) -> str:
    """Give a time in seconds since 1970, to the nearest minute, as the sentences of an alert do.

    >>> clock(1_707_566_399)
    '2月10日 20:00'
    """
    at = datetime.fromtimestamp(time, CHINA) + timedelta(seconds=_MINUTE / 2)
    return f"{f'{at.year}年' if year else ''}{at.month}月{at.day}日 {at.hour}:{at.minute:02}"


def duration(time: float) -> tuple[str, str]:
    """Give seconds in the unit that suits them, Chinese and English.

    >>> duration(5_400)
    ('1.5 小时', '1.5 h')
    """
    if time < 1.5 * _HOUR:
        return f"{time / _MINUTE:.0f} 分钟", f"{time / _MINUTE:.0f} min"
    if time < 2 * _DAY:
        return f"{time / _HOUR:.1f} 小时", f"{time / _HOUR:.1f} h"
    return f"{time / _DAY:.1f} 天", f"{time / _DAY:.1f} days"


def short(text: str, most: int = _MOST_TEXT) -> str:
    """Give a text of ``most`` characters at most.

    >>> short("退票退票", 3)
    '退票…'
    """
    return text if len(text) <= most else text[: most - 1] + "…"
