"""Cut the text of a table into blocks of whole records, which can be parsed elsewhere and in any order.

Only line ends and quotation marks are looked at, a megabyte at a time.
"""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import IO

import numpy as np
from numpy.typing import NDArray

_PIECE = 1 << 20  # bytes read at a time
_MOST_BYTES = 3 << 20  # of a block: long comments must not fill the memory
_LONGEST = 1 << 23  # bytes: a record longer than this is a quotation mark left open, or no record

_CR, _LF = b"\r\n"

Ends = NDArray[np.int64]
EndsOf = Callable[[bytes, bool], Ends]
"""Gives the place behind each entry of a text that begins with one; the flag says that no more text follows."""


@dataclass(frozen=True, slots=True)
class Block:
    """Whole records of a text table, one behind the other: `entries` of them (see `tables.Entry`) in `body`, UTF-8."""

    entries: int
    body: bytes


class Uncuttable(Exception):
    """No end of a record can be found: it is too long, or the compressed file breaks off in it."""


def cut_blocks(pieces: Iterable[bytes], ends_of: EndsOf, size: int, skip: int = 0) -> Iterator[Block]:
    """The text of all `pieces` behind its first `skip` entries, in blocks of `size` entries, fewer where they are long.

    A block ends where the text and `size` say, wherever the pieces do. Raises `Uncuttable`.
    """
    done: list[bytes] = []
    entries = length = 0
    rest = b""
    for piece in chain(pieces, [None]):
        text = rest if piece is None else rest + piece
        ends = ends_of(text, piece is None)
        at = min(skip, len(ends))
        skip -= at
        begin = int(ends[at - 1]) if at else 0
        while at < len(ends):
            stop = min(at + size - entries, int(np.searchsorted(ends, begin + _MOST_BYTES - length)) + 1, len(ends))
            end = int(ends[stop - 1])
            done.append(text[begin:end])
            entries, length = entries + stop - at, length + end - begin
            at, begin = stop, end
            if entries == size or length >= _MOST_BYTES:
                yield Block(entries, b"".join(done))
                done, entries, length = [], 0, 0
        rest = text[begin:]
        if len(rest) > _LONGEST:
            raise Uncuttable
    if entries:
        yield Block(entries, b"".join(done))


def pieces_of(stream: IO[bytes]) -> Iterator[bytes]:
    """The content of a stream."""
    while piece := stream.read(_PIECE):
        yield piece


def as_utf8(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Text of any encoding in UTF-8, without a byte order mark; bytes that are not of the encoding become U+FFFD."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for piece in pieces:
        yield decoder.decode(piece).encode("utf-8", "surrogatepass")
    yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")


def line_ends(text: bytes, final: bool) -> Ends:
    """The place behind each line; lines end in a line feed, the last may lack it."""
    ends = np.flatnonzero(_codes(text) == _LF) + 1
    return np.append(ends, len(text)) if final and text and not text.endswith(b"\n") else ends


def record_ends(delimiter: str, quoted: bool) -> EndsOf:
    """What finds the records of a delimited text as the `csv` module sees them; blank lines go with the next record.

    Lines end as in Python's universal newlines. Where `quoted`, a field that begins with a quotation mark goes on to
    the mark that closes it, over line ends too.
    """
    field = re.compile(rb'"(?<![^%s\r\n]")[^"]*+(?:""[^"]*+)*+"?' % re.escape(delimiter.encode()))

    def ends_of(text: bytes, final: bool) -> Ends:
        ends = _universal_line_ends(text, final)
        if quoted and b'"' in text:
            spans = np.array([(0, 0), *(match.span() for match in field.finditer(text))], np.int64)
            before = np.searchsorted(spans[:, 0], ends) - 1  # the last quoted field that begins before the line end
            ends = ends[ends > spans[before, 1]]
        if final and text and (not len(ends) or ends[-1] < len(text)):
            ends = np.append(ends, len(text))
        return ends[~_blank(text, ends)]

    return ends_of


def _universal_line_ends(text: bytes, final: bool) -> Ends:
    codes = _codes(text)
    ends = np.flatnonzero(codes == _LF)
    if text.count(b"\r") > text.count(b"\r\n"):
        returns = np.flatnonzero(codes == _CR)
        following = np.append(codes, _CR if final else _LF)[returns + 1]  # at the end it may be half of \r\n
        ends = np.union1d(ends, returns[following != _LF])
    return ends + 1


def _blank(text: bytes, ends: Ends) -> NDArray[np.bool_]:
    """Which of the records that end there are nothing but a line end."""
    codes, lengths = _codes(text), np.diff(ends, prepend=0)
    first = codes[ends - lengths]
    blank: NDArray[np.bool_] = (lengths == 1) & ((first == _LF) | (first == _CR)) | (lengths == 2) & (first == _CR)
    return blank


def _codes(text: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(text, np.uint8)
