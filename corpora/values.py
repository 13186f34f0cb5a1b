"""Single values as platforms and crawlers write them, turned into exact ones; what cannot be read becomes None."""

import hashlib
import math
import re
from datetime import UTC, date, datetime, tzinfo

_COUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([万亿wWkK千]?)\s*\+?")
_SCALES = {"": 1, "k": 1000, "千": 1000, "w": 10_000, "万": 10_000, "亿": 100_000_000}
_WRITTEN = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[\sT]*(\d{1,2})[:时点](\d{1,2})分?(?::?(\d{1,2})(?:\.\d+)?秒?)?)?"
)
_WEIBO = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{1,2}) (\d{2}):(\d{2}):(\d{2}) ([+-]\d{2}):?(\d{2}) (\d{4})")
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_EPOCH, _NAIVE_EPOCH = datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1)
_EARLIEST, _LATEST = 631_152_000, 4_102_444_800  # 1990 and 2100: outside, a number is no time of a comment
_GENDERS = dict.fromkeys(("m", "男", "男性", "male"), "male") | dict.fromkeys(("f", "女", "女性", "female"), "female")
_PLATFORMS = {
    "bilibili": ("bili", "b站", "哔哩哔哩"),
    "douban": ("豆瓣", "豆瓣电影"),
    "douyin": ("dy", "抖音"),
    "kuaishou": ("ks", "快手"),
    "maoyan": ("猫眼", "猫眼电影"),
    "tieba": ("贴吧", "百度贴吧"),
    "weibo": ("wb", "微博", "新浪微博"),
    "xiaohongshu": ("xhs", "小红书"),
    "zhihu": ("知乎",),
}
_PLATFORM_OF = {name: platform for platform, names in _PLATFORMS.items() for name in (platform, *names)}


def read_count(value: object) -> int | None:
    """Likes or replies: 12, "12", "1.2万", "10万+", "1,024".

    >>> read_count("1.2万"), read_count("10万+"), read_count("")
    (12000, 100000, None)
    """
    if isinstance(value, str):
        if value.isascii() and value.isdecimal() and len(value) < 16:
            return int(value)
        match = _COUNT.fullmatch(value.replace(",", "").strip())
        return round(float(match[1]) * _SCALES[match[2].lower()]) if match else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if math.isfinite(value) and value >= 0 else None


def read_time(value: object, zone: tzinfo) -> datetime | None:
    """A moment in UTC from unix seconds or milliseconds, ISO 8601, or the ways Chinese sites write dates.

    `zone` is taken where the value names none; a date alone is its first minute there.

    >>> read_time("Sat Dec 23 17:12:54 +0800 2023", UTC)
    datetime.datetime(2023, 12, 23, 9, 12, 54, tzinfo=datetime.timezone.utc)
    """
    if isinstance(value, str):
        return _read_written_time(value, zone)
    if isinstance(value, datetime):
        return _to_utc(value, zone)
    if isinstance(value, date):
        return _to_utc(datetime(value.year, value.month, value.day), zone)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_unix(value)
    return None


def read_id(value: object) -> str | None:
    """An id as exact text; a float (which a spreadsheet makes of a number) loses its point, not its digits.

    >>> read_id(7312345678901234567), read_id(" 42 "), read_id(12.0), read_id("")
    ('7312345678901234567', '42', '12', None)
    """
    if isinstance(value, str):
        return value.strip() or None
    value = whole_number(value)
    if value is None or isinstance(value, bool | dict | list):
        return None
    return str(value)


def whole_number(value: object) -> object:
    """The int a float stands for, None for NaN and infinities; an int of more than 64 bits as text.

    Few formats can hold such an int, and none of its digits may be lost. Any other value stays as it is.
    """
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        if not value.is_integer():
            return value
        value = int(value)
    return str(value) if isinstance(value, int) and abs(value) >= 2**63 else value


def read_name(value: object) -> str | None:
    """A short text such as a title or a region, or None where it is empty."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def read_platform(value: object) -> str | None:
    """A platform's one name here, whatever it is called in a file; an unknown platform's name as it is.

    >>> read_platform("小红书"), read_platform("xhs"), read_platform("虎扑")
    ('xiaohongshu', 'xiaohongshu', '虎扑')
    """
    name = read_name(value)
    return None if name is None else _PLATFORM_OF.get(name.lower(), name)


def read_gender(value: object) -> str | None:
    """`"male"`, `"female"`, or None for anything else (weibo's m and f, bilibili's 男, 女, 保密)."""
    return _GENDERS.get(value.strip().lower()) if isinstance(value, str) else None


def hash_author(value: object) -> str | None:
    """The first 16 hexadecimal digits of SHA-256 of an account id, as MediaCrawler's `creator_hash` has them.

    >>> hash_author(12345) == hash_author("12345")
    True
    """
    account = read_id(value)
    return None if account is None else hashlib.sha256(account.encode("utf-8", "replace")).hexdigest()[:16]


def _read_written_time(text: str, zone: tzinfo) -> datetime | None:
    if text.isdecimal() and not (len(text) == 8 and text[:2] in ("19", "20")):
        return _from_unix(int(text)) if len(text) < 20 else None
    try:
        return _to_utc(datetime.fromisoformat(text), zone)
    except ValueError:
        text = text.strip()
    try:
        if match := _WRITTEN.fullmatch(text):
            year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
            return _to_utc(datetime(year, month, day, hour, minute, second), zone)
        if match := _WEIBO.fullmatch(text):
            month = _MONTHS.index(match[1]) // 3 + 1
            iso = f"{match[8]}-{month:02}-{int(match[2]):02}T{match[3]}:{match[4]}:{match[5]}{match[6]}:{match[7]}"
            return _to_utc(datetime.fromisoformat(iso), zone)
        return _from_unix(float(text))
    except (ValueError, OverflowError):
        return None


def _from_unix(number: float) -> datetime | None:
    if not _EARLIEST < number < 1e20:  # NaN too
        return None
    while number > 1e12 or number > _LATEST:  # milliseconds, microseconds, nanoseconds
        number /= 1000
        if number < _EARLIEST:
            return None
    return datetime.fromtimestamp(number, UTC)


def _to_utc(moment: datetime, zone: tzinfo) -> datetime | None:
    try:
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        offset = zone.utcoffset(moment)  # with the sum below several times faster than replace() and astimezone()
        return None if offset is None else _EPOCH + (moment - _NAIVE_EPOCH - offset)
    except OverflowError:
        return None
