import signal

import pytest

from service.batch.workers import interrupts_held_back


def test_ctrl_c_waits_until_the_block_is_left() -> None:
    reached = False
    with pytest.raises(KeyboardInterrupt), interrupts_held_back():
        signal.raise_signal(signal.SIGINT)
        reached = True
    assert reached
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_ctrl_c_breaks_in() -> None:
    with pytest.raises(KeyboardInterrupt), interrupts_held_back():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        pytest.fail("the second one was held back too")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_block_that_is_left_in_peace_changes_nothing() -> None:
    with interrupts_held_back():
        pass
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
