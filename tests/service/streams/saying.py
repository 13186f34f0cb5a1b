"""What viewers say under works in these tests: put together from words, so that hardly two comments are near-copies."""

import random
from collections.abc import Sequence
from typing import Any

THINGS = (
    *("剧情", "演技", "配乐", "画面", "节奏", "台词", "结尾", "特效", "打斗", "导演", "男主", "女主", "服装", "剪辑"),
    *("反派", "配角", "片头", "布景", "灯光", "对白", "开场", "中段", "群戏", "歌曲", "镜头", "人设", "细节", "笑点"),
    *(
        "泪点",
        "悬念",
        "动作戏",
        "感情线",
        "编剧",
        "道具",
        "化妆",
        "音效",
        "旁白",
        "彩蛋",
        "收尾",
        "选角",
        "整体",
        "后半段",
    ),
)
GOOD = (
    *("真不错", "太惊艳了", "特别走心", "超出预期", "满分", "好得没话说", "很有诚意", "让人上头", "扎实", "棒极了"),
    *("戳中我了", "看得过瘾", "可圈可点", "高级", "稳", "绝了", "挑不出毛病", "有灵气", "很动人", "值回票价"),
    *("无敌", "好喜欢", "让我惊喜", "处理得漂亮", "立得住", "看哭了", "笑死我了", "必须点赞", "很细腻", "封神"),
)
BAD = (
    *("太差了", "稀碎", "尴尬", "看得犯困", "烂透了", "毫无诚意", "敷衍", "一塌糊涂", "出戏", "不知所云"),
    *("土得掉渣", "让人想走", "乱七八糟", "五毛水平", "难看", "像没睡醒", "拖沓", "侮辱智商", "假得要命", "没法看"),
    *("全是槽点", "令人失望", "垃圾", "莫名其妙", "烦死了", "可笑", "扣分", "灾难", "骗钱", "后悔看了"),
)
AROUND = (
    *(
        "刚看完",
        "周末看的",
        "下午场",
        "人不多",
        "下着雨",
        "和同事一起",
        "坐最后一排",
        "首映那天",
        "票是送的",
        "路上堵车",
    ),
    *(
        "吃完火锅去的",
        "散场十点",
        "旁边是情侣",
        "第一次来这家",
        "看之前没做功课",
        "地铁口那家",
        "等了半个月",
        "爆米花大桶",
    ),
)
STARS = (
    *("望远镜", "土星环", "星等", "赤道仪", "深空", "曝光", "行星", "彗星", "滤光片", "星图", "光污染", "流星雨"),
    *("猎户座", "目镜", "寻星镜", "环形山", "银河", "星云", "极轴", "冲日", "掩星", "日珥", "焦距", "双筒"),
)
LOOKED_AT = (
    *("校准", "观测", "计算", "拍摄", "叠加", "选型", "倾角", "对焦", "记录", "极大", "路线", "参数"),
    *("口径", "轨道", "亮度", "方位", "周期", "误差", "型号", "位置", "间隔", "高度", "时刻", "样张"),
)
WAVE = "这片子的口碑明显是水军刷出来的大家千万别上当"


def praise(chance: random.Random) -> str:
    return _said(chance, THINGS, GOOD)


def scorn(chance: random.Random) -> str:
    return _said(chance, THINGS, BAD)


def stargazing(chance: random.Random) -> str:
    return _said(chance, STARS, LOOKED_AT, 4)


def mixed(chance: random.Random, scornful: float) -> str:
    """A comment that is scornful with this chance, and else praises."""
    return scorn(chance) if chance.random() < scornful else praise(chance)


def copied(chance: random.Random) -> str:
    """A comment of a copy-paste wave: the same but for a character or two."""
    place = chance.randrange(len(WAVE))
    return WAVE[:place] + chance.choice("啊呀吧哦呢") + WAVE[place:] + chance.choice(("", "！", "😡", "……"))


def comment(number: int, text: str, time: float, **known: Any) -> dict[str, Any]:
    """A comment as it is sent; every one has an author of its own."""
    return {"id": f"c{number}", "text": text, "time": time, "author": f"viewer-{number}", **known}


def _said(chance: random.Random, things: Sequence[str], verdicts: Sequence[str], most: int = 3) -> str:
    some = chance.randint(2, most)
    pairs = zip(chance.sample(things, some), chance.sample(verdicts, some), strict=True)
    said = [thing + verdict for thing, verdict in pairs]
    if chance.random() < 0.5:
        said.insert(chance.randint(0, some), chance.choice(AROUND))
    return "，".join(said)
