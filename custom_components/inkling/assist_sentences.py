"""What people ask Assist of Inkling, in words: sentences to listen for, and how far ahead one asks."""

from collections.abc import Iterable
from enum import StrEnum
import re

LEAD = "lead"
"""The name of what stands for a time ahead in a sentence."""
_ROOM = "{room}"
# What means something in a template of sentences, and punctuation that nobody speaks.
_SPECIAL = re.compile(r"[^\w' -]+")


class Question(StrEnum):
    """What can be asked."""

    NOW = "now"
    """Is somebody in a room?"""
    LATER = "later"
    """Will somebody be in a room?"""
    ROOMS = "rooms"
    """Where is somebody?"""
    FAILING = "failing"
    """What is failing?"""


_SOMEBODY = "(somebody|someone|anybody|anyone)"
_SENTENCES = {
    Question.NOW: (
        f"is [there] {_SOMEBODY} in [the] {_ROOM} [now|right now|at the moment]",
        "is [the] {room} (occupied|empty|free|in use) [now|right now|at the moment]",
        "[现在]{room}[里][面](有人|有没有人|是否有人|是不是有人|没人)[在][吗|么]",
        "[现在](有人|有没有人|是否有人)在{room}[里][面][吗|么]",
    ),
    Question.LATER: (
        f"will [there be] {_SOMEBODY} [be] in [the] {_ROOM} in {{{LEAD}}}",
        "will [the] {room} be (occupied|empty|free|in use) in {lead}",
        "{lead}[以|之]后{room}[里][面](会有人|会不会有人|有人|有没有人)[在][吗|么]",
        "{room}[里][面]{lead}[以|之]后(会有人|会不会有人|有人|有没有人)[在][吗|么]",
    ),
    Question.ROOMS: (
        "(which|what) rooms are (occupied|in use)",
        f"(which|what) (room|rooms) is {_SOMEBODY} in",
        f"where (is|are) (everybody|everyone|{_SOMEBODY}|people|the people)",
        "who is where",
        "(which|what) rooms (have|has) (somebody|someone|people) in them",
        "[现在](哪些|哪个|哪间|什么)(房间|屋子)[里][面]有人[在]",
        "[现在](哪里|哪儿|什么地方)有人[在]",
        "[现在](谁|人|大家)[都]在(哪里|哪儿|哪个房间|哪些房间)",
    ),
    Question.FAILING: (
        "what is (failing|broken|faulty)",
        "is (anything|something) (failing|broken|faulty)",
        "(which|what) (sensors|devices|sensor|device) (is|are) (failing|broken|faulty)",
        "(哪些|哪个|什么)(传感器|设备|东西|电器)[出](坏了|有故障|有问题|故障了|问题了)",
        "(什么|有什么|有什么东西|有东西)坏了[吗|么]",
        "(有没有|有)(传感器|设备|东西|电器)(坏了|出故障|有故障|出问题|有问题)[了][吗|么]",
    ),
}
# Of two words for one length the longer comes first, or the shorter would hide it.
_UNITS = {"hours": 60, "hour": 60, "minutes": 1, "minute": 1, "个小时": 60, "小时": 60, "个钟头": 60, "分钟": 1}
_ENGLISH = ("a", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBERS = {word: max(1.0, float(place)) for place, word in enumerate(_ENGLISH)} | {
    "an": 1.0,
    "half": 0.5,
    "half a": 0.5,
    "half an": 0.5,
    "fifteen": 15.0,
    "twenty": 20.0,
    "thirty": 30.0,
    "a quarter of an": 0.25,
    "forty five": 45.0,
    "forty-five": 45.0,
    "one and a half": 1.5,
    "一": 1.0,
    "两": 2.0,
    "二": 2.0,
    "三": 3.0,
    "四": 4.0,
    "五": 5.0,
    "六": 6.0,
    "七": 7.0,
    "八": 8.0,
    "九": 9.0,
    "半": 0.5,
    "十": 10.0,
    "十五": 15.0,
    "二十": 20.0,
    "三十": 30.0,
    "四十五": 45.0,
    "一个半": 1.5,
    "两个半": 2.5,
}


def plain(name: str) -> str:
    """Return a name as it is spoken, without what a template of sentences would take for its own."""
    return " ".join(_SPECIAL.sub(" ", name).split())


def sentences(question: Question, names: Iterable[str] = ()) -> list[str]:
    """Return what to listen for; a question about a room needs what the room is called."""
    spoken = "|".join(dict.fromkeys(found for name in names if (found := plain(name))))
    about = [text for text in _SENTENCES[question] if _ROOM not in text or spoken]
    return [text.replace(_ROOM, f"({spoken})") for text in about]


def minutes_ahead(text: str) -> float | None:
    """Return how far ahead a spoken time is, in minutes; None where it is not understood."""
    words = " ".join(text.lower().split())
    for unit, minutes in _UNITS.items():
        if words.endswith(unit):
            number = words.removesuffix(unit).strip()
            found = float(number) if re.fullmatch(r"\d{1,4}(\.\d)?", number) else _NUMBERS.get(number)
            return None if found is None else found * minutes
    return None
