import gc
import subprocess
import sys

from service.starting import swift_start


def test_garbage_is_collected_again_after_the_start() -> None:
    with swift_start():
        assert not gc.isenabled()
    assert gc.isenabled() and gc.get_freeze_count() > 0
    gc.unfreeze()


def test_the_compiler_is_loaded_without_the_linear_algebra_of_scipy_which_can_be_had_later() -> None:
    program = """
import sys
from service.starting import load_compiler
load_compiler()
print("scipy.linalg" in sys.modules)
from model import Scorer
print(Scorer.load(compiled=True).score(["好看，值得二刷"]).polarity, "scipy.linalg" in sys.modules)
import scipy.linalg
print(scipy.linalg.norm([3, 4]))
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.split("\n")[:3] == ["False", "['positive'] False", "5.0"], done.stderr
