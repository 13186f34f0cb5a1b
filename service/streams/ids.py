"""The id of a comment that comes without one: the same content has the same id, wherever it is worked out."""

from hashlib import blake2b


def content_id(text: str, time: float | None, author: str | None, thread: str | None) -> str:
    """Give 16 hexadecimal digits of BLAKE2b for a comment as it was written; `time` is in seconds since 1970.

    What is not known is None and differs from what is empty. Comments alike in all four are one comment.

    >>> content_id("好看", 1_700_000_000, "a1", None) == content_id("好看", 1_700_000_000.0, "a1", None)
    True
    >>> content_id("好看", None, None, "7") == content_id("好看", None, "7", None)
    False
    """
    digest = blake2b(digest_size=8)
    for part in (text, None if time is None else repr(float(time)), author, thread):
        digest.update(b"-" if part is None else f"{len(part)}:{part}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
