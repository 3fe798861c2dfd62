"""Small files to replay: a hyped lamp in Oregon over two days."""

from datetime import date
from pathlib import Path

from data.replay.world import Asked

ORDERS = """product,day,orders,state,colour
lamp,2026-11-23,30,Oregon,red
lamp,2026-11-24,40,Oregon,red
lamp,2026-11-24,many,Oregon,red
lamp,2026-11-24,5,Atlantis,red
lamp,2026-11-24,9,Texas,red
"""
SIGNALS = """product,day,attention
lamp,2026-11-23,6
lamp,2026-11-24,8
lamp,yesterday,8
"""


def files_of(folder: Path, orders: str = ORDERS, signals: str = SIGNALS) -> tuple[Path, Path]:
    """The signal file and the order file."""
    for name, text in (("signals.csv", signals), ("orders.csv", orders)):
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "signals.csv", folder / "orders.csv"


def asked_of(folder: Path, orders: str = ORDERS, signals: str = SIGNALS, **wishes) -> Asked:
    """The wish to live the last day in Eugene, unless told otherwise."""
    told, bought = files_of(folder, orders, signals)
    facts = {"markets": ("Oregon",), "first": date(2026, 11, 24), "last": date(2026, 11, 24)}
    return Asked(signals=told, orders=bought, **(facts | wishes))
