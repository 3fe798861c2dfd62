"""What a planner reads after a rehearsal: one page of figures, and the same as JSON."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from logistics.decisions import Recommendation, Verdict
from logistics.episodes import Episode
from logistics.store import Reading
from logistics.twin.report import ForecastScore, Outcomes
from logistics.twin.world import World

UNITS = {"USD": "$", "EUR": "€"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A rehearsal beside the same demand on the static network."""

    world: str
    seed: int
    hours: int
    videos: int
    episodes: tuple[tuple[str, int], ...]
    recommendations: tuple[tuple[str, int], ...]
    verdicts: tuple[tuple[str, int], ...]
    surgeport: Outcomes
    static: Outcomes | None
    forecast: ForecastScore
    seconds: float
    setup_seconds: float

    @property
    def extra_cash_per_extra_six_hour_order(self) -> int | None:
        """Cents of cash that one more order within six hours has cost; None where none was won."""
        if self.static is None:
            return None
        won = self.surgeport.six_hours - self.static.six_hours
        spent = self.surgeport.cash_cost_cents - self.static.cash_cost_cents
        return round(spent / won) if won > 0 else None

    def figures(self) -> dict[str, Any]:
        """The figures by name; shares are over eligible orders, money is cents."""
        ours, static = self.surgeport, self.static
        return {
            "world": self.world,
            "seed": self.seed,
            "hours": self.hours,
            "videos": self.videos,
            "episodes": dict(self.episodes),
            "recommendations": dict(self.recommendations),
            "verdicts": dict(self.verdicts),
            "demanded": ours.demanded,
            "orders": ours.orders,
            "offered_share": ours.offered_share,
            "six_hour_share": ours.six_hour_share,
            "six_hour_share_all": ours.six_hour_share_all,
            "promises_kept_share": ours.promises_kept_share,
            "cost_per_order_cents": ours.cost_per_order_cents,
            "cash_cost_cents": ours.cash_cost_cents,
            "contribution_cents": ours.contribution_cents,
            "penalised_cost_cents": ours.penalised_cost_cents,
            "extra_cash_per_extra_six_hour_order_cents": self.extra_cash_per_extra_six_hour_order,
            "nodes_opened": ours.nodes_opened,
            "nodes_closed": ours.nodes_closed,
            "nodes_by_type": dict(ours.nodes_by_type),
            "routes": ours.routes,
            "stops_delivered": ours.stops_delivered,
            "left_over_units": ours.left_over_units,
            "forecast": {
                "wape": self.forecast.wape,
                "naive_wape": self.forecast.naive_wape,
                "coverage80": self.forecast.coverage80,
                "compared": self.forecast.compared,
            },
            "static": None
            if static is None
            else {
                "six_hour_share": static.six_hour_share,
                "six_hour_share_all": static.six_hour_share_all,
                "orders": static.orders,
                "cost_per_order_cents": static.cost_per_order_cents,
                "cash_cost_cents": static.cash_cost_cents,
                "contribution_cents": static.contribution_cents,
                "penalised_cost_cents": static.penalised_cost_cents,
            },
            "seconds": self.seconds,
            "setup_seconds": self.setup_seconds,
        }

    def page(self, currency: str = "USD") -> str:
        """The summary as a page of text."""
        ours, static = self.surgeport, self.static

        def money(cents: int | None) -> str:
            return "none" if cents is None else f"{UNITS.get(currency, '')}{cents / 100:,.2f}"

        rows: list[tuple[str, str, str]] = [
            ("orders", f"{ours.orders:,}", f"{static.orders:,}" if static else "-"),
            ("within six hours, of eligible", *_shares(ours, static, "six_hour_share")),
            ("within six hours, of all demanded", *_shares(ours, static, "six_hour_share_all")),
            ("promises kept", *_shares(ours, static, "promises_kept_share")),
            (
                "cost per order",
                money(ours.cost_per_order_cents),
                money(static.cost_per_order_cents) if static else "-",
            ),
            (
                "contribution",
                money(ours.contribution_cents),
                money(static.contribution_cents) if static else "-",
            ),
            (
                "penalised cost",
                money(ours.penalised_cost_cents),
                money(static.penalised_cost_cents) if static else "-",
            ),
            (
                "units in nodes, counted as sent home",
                f"{ours.left_over_units:,}",
                f"{static.left_over_units:,}" if static else "-",
            ),
        ]
        table = "\n".join(f"  {name:<36}{one:>16}{other:>16}" for name, one, other in rows)
        opened = ", ".join(f"{n} {type}" for type, n in ours.nodes_by_type) or "none"
        extra = money(self.extra_cash_per_extra_six_hour_order)
        lines = [
            f"{self.hours} hours of the world '{self.world}' (seed {self.seed})",
            "",
            f"  videos {self.videos}; episodes {_counts(self.episodes)}",
            f"  forecast of the next 24 h: {_score(self.forecast)}",
            f"  recommendations {_counts(self.recommendations)}",
            f"  verdicts {_counts(self.verdicts)}",
            f"  nodes opened {ours.nodes_opened} ({opened}), closed {ours.nodes_closed}",
            f"  routes {ours.routes:,}, stops delivered {ours.stops_delivered:,}",
            "",
            f"  {'':<36}{'Surgeport':>16}{'static network':>16}",
            table,
            "",
            f"  extra cash per extra six-hour order  {extra}",
        ]
        return "\n".join(lines)


def _score(forecast: ForecastScore) -> str:
    wape, naive = f"WAPE {forecast.wape:.0%}", f"naive {forecast.naive_wape:.0%}"
    inside = f"{forecast.coverage80:.0%} of {forecast.compared} inside the 80 % band"
    return f"{wape} ({naive}), {inside}"


def _shares(ours: Outcomes, static: Outcomes | None, name: str) -> tuple[str, str]:
    return f"{getattr(ours, name):.1%}", f"{getattr(static, name):.1%}" if static else "-"


def _counts(pairs: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in pairs) or "none"


def counted(values: list[str]) -> tuple[tuple[str, int], ...]:
    """How often each word stands in a list, the most frequent first."""
    return tuple(Counter(values).most_common())


def summary_of(
    world: World,
    hours: int,
    reading: Reading,
    surgeport: Outcomes,
    static: Outcomes | None,
    forecast: ForecastScore,
    *,
    seconds: float,
    setup_seconds: float,
) -> Summary:
    """Gather the page from the outcomes and from what is remembered."""
    recommendations = reading.find(Recommendation)
    return Summary(
        world=world.name,
        seed=world.seed,
        hours=hours,
        videos=len(world.films),
        episodes=counted([episode.state.value for episode in reading.find(Episode)]),
        recommendations=counted([f"{r.kind.value}_{r.state.value}" for r in recommendations]),
        verdicts=counted([verdict.choice.value for verdict in reading.find(Verdict)]),
        surgeport=surgeport,
        static=static,
        forecast=forecast,
        seconds=seconds,
        setup_seconds=setup_seconds,
    )
