"""The names of circles, aspects and platforms as a person says them, Chinese and English."""

from __future__ import annotations

from functools import cache

from corpora.taxonomy import ASPECTS, CIRCLES, Facet, read_facets

_PLATFORMS = {
    "bilibili": ("B站", "Bilibili"),
    "douban": ("豆瓣", "Douban"),
    "douyin": ("抖音", "Douyin"),
    "kuaishou": ("快手", "Kuaishou"),
    "maoyan": ("猫眼", "Maoyan"),
    "taopiaopiao": ("淘票票", "Taopiaopiao"),
    "tieba": ("贴吧", "Tieba"),
    "weibo": ("微博", "Weibo"),
    "xiaohongshu": ("小红书", "Xiaohongshu"),
    "zhihu": ("知乎", "Zhihu"),
}


def chinese_name(key: str) -> str:
    """Give the Chinese name of a circle, aspect or platform; a user's own one goes by its key.

    >>> chinese_name("cinephile"), chinese_name("weibo"), chinese_name("cosplay")
    ('影迷·文艺', '微博', 'cosplay')
    """
    if key in _PLATFORMS:
        return _PLATFORMS[key][0]
    facet = _facets().get(key)
    return facet.chinese if facet else key


def english_name(key: str) -> str:
    """Give the English name of a circle, aspect or platform.

    >>> english_name("weibo")
    'Weibo'
    """
    if key in _PLATFORMS:
        return _PLATFORMS[key][1]
    facet = _facets().get(key)
    return facet.english if facet else key


def spoken_circle(key: str) -> str:
    """Give a circle's name for a Chinese sentence: 影迷圈层.

    >>> spoken_circle("cinephile")
    '影迷圈层'
    """
    return f"{chinese_name(key).split('·')[0]}圈层"


@cache
def _facets() -> dict[str, Facet]:
    return {facet.key: facet for path in (CIRCLES, ASPECTS) for facet in read_facets(path)}
