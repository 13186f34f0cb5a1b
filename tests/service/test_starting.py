import gc

from service.starting import swift_start


def test_garbage_is_collected_again_after_the_start() -> None:
    with swift_start():
        assert not gc.isenabled()
    assert gc.isenabled() and gc.get_freeze_count() > 0
    gc.unfreeze()
