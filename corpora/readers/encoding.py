"""Tell UTF-8 from GB18030 by reading on only until enough of the text has been seen."""

import codecs

from corpora.readers.stored import StoredFile

_ENOUGH = 1 << 15  # non-ASCII characters; a few hundred already tell the two apart
_TOLERANCE = 20  # one damaged character in this many does not speak against an encoding


def detect_encoding(file: StoredFile) -> str | None:
    """`"utf-8-sig"`, `"gb18030"` or `"utf-16"`; None for bytes that are no text in any of them.

    A UTF-8 file with a few damaged bytes stays UTF-8. A file of pure ASCII is read to its end, in constant memory.
    """
    utf8, gb18030 = _Trial("utf-8"), _Trial("gb18030")
    if marked := _by_mark(file.head()):
        return marked
    for piece in file.pieces():
        utf8.feed(piece)
        gb18030.feed(piece)
        if utf8.seen >= _ENOUGH:
            break
    if utf8.fits:
        return "utf-8-sig"
    return "gb18030" if gb18030.fits else None


class _Trial:
    def __init__(self, encoding: str) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self.seen = self.damaged = 0

    def feed(self, chunk: bytes) -> None:
        if chunk.isascii() and not self._decoder.getstate()[0]:
            return
        text = self._decoder.decode(chunk)
        self.seen += len(text) - len(text.encode("ascii", "ignore"))
        self.damaged += text.count("\ufffd")

    @property
    def fits(self) -> bool:
        return self.damaged * _TOLERANCE <= self.seen


def _by_mark(start: bytes) -> str | None:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else None
