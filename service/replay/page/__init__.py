"""The parts of a replay's page, each made from the document of the replay."""

from collections.abc import Mapping
from typing import Any

#: A JSON object of the document.
Doc = Mapping[str, Any]
