"""Who watches and who buys in the small metro: whole hours of views, and orders of lamps."""

from datetime import timedelta

from logistics.orders import Line, Order, OrderState, ServiceLevel
from tests.builders.supply import CELLS, SEVEN, a_row, heard


def watch(tools, views, *, until=SEVEN, video="v1", id=None, **more):
    """Whole hours of views that end at `until`, two thirds of them in the first region; an early
    part is told in time, batch by batch."""
    for i, count in enumerate(views):
        start = until - timedelta(hours=len(views) - i)
        rows = [
            a_row(
                start, 60, count * 2 // 3, CELLS[0], video_id=video, **scaled(more, count * 2 // 3)
            ),
            a_row(start, 60, count // 3, CELLS[1], video_id=video, **scaled(more, count // 3)),
        ]
        heard(tools, *rows, id=f"{id or video}-{i}-{until:%d%H%M}", now=start + timedelta(hours=1))


def scaled(shares, views):
    told = {name: int(share * views) for name, share in shares.items()}
    return {"completed": views // 2, "likes": views // 20, **told}


def buy(tools, units, *, at, id, cell=CELLS[0], state=OrderState.PROMISED):
    with tools.store.begin() as deed:
        deed.add(
            Order(
                id=id,
                external_id=id,
                client="shop",
                buyer="b",
                market="la",
                cell=cell,
                lat=34.0,
                lon=-118.2,
                lines=(Line(product="lamp", units=units),),
                state=state,
                accepted_at=at,
                service_level=ServiceLevel.SIX_HOUR,
                eligible=True,
                due_at=at + timedelta(hours=6),
                updated_at=at,
            )
        )
