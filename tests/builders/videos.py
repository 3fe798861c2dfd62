"""Made-up videos and the orders they bring, for tests of the forecasting library."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from forecasting import (
    Parameters,
    Product,
    Question,
    Region,
    VideoLink,
    read_attention,
    read_orders,
)

NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)
PLACES = ("west", "mid", "east")


def signal_rows(video="V1", *, now=NOON, views=(), region="west", minutes=60, ends=None, **more):
    """One video's buckets of `minutes`, the last ending at `now` (or `ends`)."""
    begin = (ends or now) - timedelta(minutes=minutes * len(views))
    rows = pd.DataFrame(
        {
            "video_id": video,
            "region": region,
            "bucket_start": [begin + timedelta(minutes=minutes * i) for i in range(len(views))],
            "bucket_minutes": minutes,
            "views": list(views),
        }
    )
    for name, values in more.items():
        rows[name] = values
    return rows


def order_rows(product="S", *, now=NOON, orders=(), region="west", **more):
    """One product's hourly orders, the last hour ending at `now`."""
    begin = now - timedelta(hours=len(orders))
    rows = pd.DataFrame(
        {
            "product": product,
            "region": region,
            "hour": [begin + timedelta(hours=i) for i in range(len(orders))],
            "orders": list(orders),
        }
    )
    for name, values in more.items():
        rows[name] = values
    return rows


NO_SIGNALS = signal_rows()
NO_ORDERS = order_rows()


def a_question(
    signals=NO_SIGNALS,
    orders=NO_ORDERS,
    *,
    now=NOON,
    products=("S",),
    regions=PLACES,
    links=(("V1", "S", 1.0),),
    zone="UTC",
    **more,
):
    """A question about these rows; products, regions and links by their bare names."""
    return Question(
        now=now,
        products=tuple(p if isinstance(p, Product) else Product(name=p) for p in products),
        regions=tuple(Region(name=r, zone=zone) for r in regions),
        links=tuple(VideoLink(video=v, product=p, share=s) for v, p, s in links),
        attention=read_attention(signals, now),
        orders=read_orders(orders, now),
        **more,
    )


def burst(hours, *, first=9000.0, beta=0.9, seed=None, noise=0.15):
    """Hourly views that relax as a power of age; noisy when given a seed."""
    views = first * (np.arange(hours) + 1.0) ** -beta
    if seed is not None:
        views = views * np.exp(np.random.default_rng(seed).normal(0, noise, hours))
    return np.round(views).astype(int)


FLAT_DAY = Parameters(day=(1.0,) * 24)
