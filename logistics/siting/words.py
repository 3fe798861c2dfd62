"""Why a node is recommended: the five fixed lines, each with its numbers (product paper, 4.2)."""

from datetime import timedelta

from logistics.decisions import RiskPoint, Stake, StockLine
from logistics.placement.plan import Opening
from logistics.reach import way
from logistics.siting.answered import Answered, money
from logistics.siting.chance import quantile
from logistics.units import Units


def five_lines(
    answered: Answered,
    opening: Opening,
    stake: Stake,
    units: Units,
    risk: tuple[RiskPoint, ...],
    home: tuple[StockLine, ...],
) -> tuple[str, ...]:
    """Why, in the five fixed lines: the video, the demand, the stock, the reach, the site."""
    mine = next(point for point in risk if point.units == units)
    p10, p50, p90 = (round(quantile(stake, share)) for share in (0.1, 0.5, 0.9))
    bases = ", ".join(sorted({outlook.basis for outlook in answered.scene.outlooks}))
    free = sum(one.units for one in answered.scene.available)
    path = answered.plan.paths[0]
    days = (answered.at(opening.end) - answered.at(opening.start)) / timedelta(days=1)
    now, then = path.before_in_time / answered.wanted, path.in_time / answered.wanted
    until = f"{answered.at(opening.end):%d %b %H:%M} UTC"
    demand = f"{p50:,} orders there until {until} (P10 {p10:,}, P90 {p90:,})"
    if answered.scene.take_up < 1:
        demand += f", {answered.scene.take_up:.0%} of what was believed, as nodes here sold so far"
    share = f"six hours reach {now:.0%} of the orders without the plan and {then:.0%} with it"
    risky = f"chance of a loss {mine.chance_of_loss:.0%}, CVaR90 {mine.cvar90_share:.0%}"
    gain = f"{days:.1f} days gain {money(mine.expected_gain)}"
    return (
        _video_line(answered),
        f"Demand: {demand}, from {bases}.",
        f"Stock: {free:,} units free at the centres, {units:,} of them to be sent{_room(home)}.",
        f"Reach: {_nearest_words(answered, opening)}; {share}.",
        f"Site: {opening.site} for {gain}, {risky} of the cash at risk.",
    )


def _room(home: tuple[StockLine, ...]) -> str:
    """Which goods make room for the stock."""
    going = " and ".join(f"{line.units:,} of {line.product}" for line in home)
    return f"; {going} go home to make room" if home else ""


def _video_line(answered: Answered) -> str:
    if not answered.episodes:
        return "Video: 0 episodes; the demand is the products' own."
    top = max(answered.episodes, key=lambda one: one.views_per_hour)
    pace = f"{top.views_per_hour:,.0f} an hour now"
    if top.doubling_minutes is not None:
        pace = f"doubling every {top.doubling_minutes:.0f} min"
    elif top.half_life_hours is not None:
        pace = f"halving every {top.half_life_hours:.1f} h"
    since = f"{top.started_at:%d %b %H:%M} UTC"
    return f"Video: {top.video} {top.state} since {since}, {top.views:,} views, {pace}."


def _nearest_words(answered: Answered, opening: Opening) -> str:
    site = answered.site(opening.site)
    places = {one.id: (one.lat, one.lon) for one in answered.scene.sites}
    places |= {one.site.id: (one.node.lat, one.node.lon) for one in answered.scene.standing}
    here = places[site.name]
    drives = [way((c.lat, c.lon), here).seconds for c in answered.scene.centres]
    if not drives:
        return "no centre is live"
    minutes = min(drives) // 60
    return f"the nearest live centre is {minutes // 60} h {minutes % 60:02d} min away"
