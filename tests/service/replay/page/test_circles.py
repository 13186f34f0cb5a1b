from service.replay.report import render_report
from tests.service.replay.page.documents import document, point, section, share


def test_circles_go_by_their_names_and_own_ones_by_their_key() -> None:
    circles = section(render_report(document()), "circles")
    assert "亲子家庭" in circles and "cosplay" in circles


def test_a_circle_stands_out_only_where_it_surely_rose() -> None:
    def stands_out(last: float) -> bool:
        points = [point(hour, circles={"family": {"share": share(last if hour > 35 else 0.1)}}) for hour in range(48)]
        return 'class="circle_rise"' in section(render_report(document(series={"points": points})), "circles")

    assert stands_out(0.2) and not stands_out(0.105)
