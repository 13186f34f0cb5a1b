from service.replay.report import render_report
from tests.service.replay.page.documents import document, section


def test_segments_are_named_by_their_terms() -> None:
    found = section(render_report(document()), "segments")
    assert "带娃、儿童票" in found and "一家三口光停车就花了半小时" in found and "建议命名 proposed" in found
    assert "没有发现新人群" in render_report(document(segments=[]))
