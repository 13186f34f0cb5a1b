"""The errors of corpora: `CorporaError`, and below it `NotADump`."""


class CorporaError(Exception):
    """Something about a corpus or a dump that the user can put right; the message is one full sentence."""


class NotADump(CorporaError):
    """The file or folder holds no comments that could be read; the message says why and what to do."""
