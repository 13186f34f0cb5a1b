"""What a user expects of a stream, read from a JSON file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import orjson

from service.batch.label import check_expected as check_mix
from service.errors import SettingsError
from service.monitor.expectations import Expectations

#: Fewer comments between false alarms would ring the bell at every gust.
LEAST_PATIENCE = 1_000

_NAMES = tuple(field.name for field in fields(Expectations))


def read_expected(path: Path, circles: Sequence[str]) -> Expectations:
    """Read a file such as ``{"mix": {"family": 0.3}, "women": 0.25, "core": ["family"]}``.

    Its members are those of `Expectations`; ``circles`` are the model's. Raises `SettingsError` for anything else.
    """
    try:
        given = orjson.loads(path.read_bytes())
    except OSError as error:
        raise SettingsError(
            f"{path} (--expect) cannot be read ({error.strerror}); give a JSON file with any of {', '.join(_NAMES)}."
        ) from None
    except orjson.JSONDecodeError as error:
        raise SettingsError(f"{path} (--expect) is no JSON: {error}.") from None
    if not isinstance(given, dict) or not given.keys() <= set(_NAMES):
        raise SettingsError(f"{path} (--expect) must be a JSON object with no other members than {', '.join(_NAMES)}.")
    _check(given, path, circles)
    return Expectations(**{**given, "core": tuple(given.get("core", ()))})


def _check(given: Mapping[str, Any], path: Path, circles: Sequence[str]) -> None:
    mix, women, core = given.get("mix", {}), given.get("women"), given.get("core", [])
    patience = given.get("comments_between_false_alarms", LEAST_PATIENCE)
    if not isinstance(mix, dict) or not all(_is_number(share) for share in mix.values()):
        raise SettingsError(f'{path} (--expect): mix must give circles their shares, such as {{"family": 0.3}}.')
    check_mix(mix, circles)
    if women is not None and not (_is_number(women) and 0 < women < 1):
        raise SettingsError(f"{path} (--expect): women must be a share above 0 and below 1, such as 0.25, not {women}.")
    if not isinstance(core, list) or not all(circle in circles for circle in core):
        raise SettingsError(f"{path} (--expect): core must be a list of circles of the model: {', '.join(circles)}.")
    if not isinstance(given.get("work", ""), str | None):
        raise SettingsError(f"{path} (--expect): work must be the name of the film or series.")
    if not _is_number(patience) or patience < LEAST_PATIENCE or patience != int(patience):
        raise SettingsError(
            f"{path} (--expect): comments_between_false_alarms must be a whole number of {LEAST_PATIENCE:,} or more."
        )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
