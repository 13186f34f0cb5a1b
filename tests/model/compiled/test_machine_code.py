"""How compiled code is kept and loaded."""

import subprocess
import sys

from model import Scorer


def test_kept_code_is_loaded_without_what_only_compiling_needs_which_can_be_had_later() -> None:
    Scorer.load(compiled=True)  # its code is kept from now on
    program = """
import sys
from model import Scorer
print(Scorer.load(compiled=True).score(["好看，值得二刷"]).polarity)
print([name for name in ("scipy.sparse", "scipy.linalg", "numba.np.arraymath") if name in sys.modules])
import numba
print(numba.njit(lambda text: text.upper() * 2)("kept"))
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["['positive']", "[]", "KEPTKEPT"], done.stderr
