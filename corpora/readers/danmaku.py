"""Bilibili danmaku as the site gives them: `<d p="12.3,1,25,16777215,1577836800,0,sender,id">text</d>`."""

from collections.abc import Iterator
from itertools import islice
from typing import IO

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from corpora.errors import NotADump
from corpora.readers.stored import GZIP_ERRORS, StoredFile
from corpora.readers.tables import SAMPLE_SIZE, Entry, Unreadable

_ATTRIBUTES = ("position", "mode", "size", "color", "time", "pool", "sender", "id")
_NOT_IN_XML = bytes(code for code in range(32) if code not in b"\t\n\r")


class DanmakuTable:
    """The danmaku of one video: `position` is the second of the video, `sender` a hash of the account."""

    kind = "danmaku xml"
    name = None
    ragged = nested = typed = False
    total_rows = None
    parser = None
    columns = ("text", *_ATTRIBUTES, "chat_id")

    def __init__(self, file: StoredFile) -> None:
        self.file = file
        self.sample = [record for _, record in islice(self.records(), SAMPLE_SIZE) if isinstance(record, dict)]
        if not self.sample:
            raise NotADump(f'{file.path} is XML but holds no Bilibili danmaku (<d p="…">text</d>).')

    def records(self) -> Iterator[tuple[int, Entry]]:
        """Each danmaku in the order of the file."""
        number, chat, root = 0, None, None
        with self.file.open() as stream:
            try:
                for event, element in iterparse(_WithoutControls(stream), events=("start", "end")):
                    if root is None:
                        root = element
                    if event == "start":
                        continue
                    if element.tag == "chatid":
                        chat = element.text
                    elif element.tag == "d":
                        number += 1
                        values = (element.get("p") or "").split(",")
                        values += [""] * (len(_ATTRIBUTES) - len(values))
                        record = dict(zip(_ATTRIBUTES, values, strict=False))
                        yield number, {"text": "".join(element.itertext()), **record, "chat_id": chat}
                        root.clear()
            except (ParseError, DefusedXmlException, *GZIP_ERRORS) as error:
                yield number + 1, Unreadable(f"the XML cannot be read past danmaku {number}: {error}")


class _WithoutControls:
    """The stream without the control characters that viewers type and XML forbids."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size).translate(None, _NOT_IN_XML)
