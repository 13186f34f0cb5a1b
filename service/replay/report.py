"""The replay report as one HTML page that needs nothing else: no network, no script.

Its markup and look are in `report.html`; its parts are made in `service.replay.page`.
"""

from service.replay.page import Doc
from service.replay.page.alert_cards import alert_cards
from service.replay.page.circles import circles
from service.replay.page.columns import busy_time, comments_of, join_points, read_points
from service.replay.page.course import course
from service.replay.page.figures import moment, seconds
from service.replay.page.headline import figures, lead
from service.replay.page.markup import part
from service.replay.page.segments import segments
from service.replay.page.truth import truth
from service.replay.page.wording import in_order


def render_report(document: Doc) -> str:
    """Give the page of a replay's document, that of `service.replay.document` (`poquan replay --json` writes it)."""
    alerts = in_order(document["alerts"])
    points = read_points(document["series"]["points"])
    busy = busy_time(points, max((seconds(alert["startsAt"]) for alert in alerts), default=0.0))
    columns = join_points(busy)
    return part(
        "page",
        title=f"{document['stream']} · 口碑复盘 · poquan",
        **{name: document[name] for name in ("stream", "source", "bucket", "poquan", "model")},
        span=f"{moment(document['from'], year=True)} – {moment(document['to'], year=True)}",
        lead=lead(document, alerts),
        figures=figures(document, alerts, points),
        course=course(columns, alerts, 1 - comments_of(busy) / max(comments_of(points), 1)),
        alerts=alert_cards(alerts, document["unconfirmed"]),
        circles=circles(columns),
        segments=segments(document["segments"]),
        truth=truth(document["truth"], document["comments"]) if "truth" in document else "",
    )
