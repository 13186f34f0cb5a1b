"""What is expected of a stream, and how the monitor weighs what it sees; all of it has a default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Comments between false alarms, over all that is watched in a stream together.
COMMENTS_BETWEEN_FALSE_ALARMS = 50_000


@dataclass(frozen=True, slots=True)
class Expectations:
    """What a user may say of a stream.

    ``mix`` is the share each circle is expected to have, ``women`` the share of women among the authors who declare
    their gender, ``core`` the circles the work was made for; where they are not given the stream's own first phase
    tells. ``work`` is the film or series.
    """

    work: str | None = None
    mix: Mapping[str, float] = field(default_factory=dict)
    women: float | None = None
    core: tuple[str, ...] = ()
    comments_between_false_alarms: int = COMMENTS_BETWEEN_FALSE_ALARMS
