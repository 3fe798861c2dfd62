"""The loop of the twin: time goes by in steps, and at each step everybody does what is due.

In each step the platform tells, trucks and vans report, buyers come, the clock's jobs run, and the
bots of planners, spaces and carriers answer what they were asked. The deeds, the store and the computing are those of production; only
the people and the roads are made up.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from logistics.catalogue import PaidPush, Video, VideoLink, link_id
from logistics.network import Node
from logistics.twin.bots import CarrierBot, PlannerBot, SpaceBot
from logistics.twin.platform import Teller
from logistics.twin.shop import Shop
from logistics.twin.truth import Buyer, Truth
from logistics.twin.world import Film, World
from logistics.workflows.hear import IncomingBatch, receive_signals, remove_video
from logistics.workflows.means import Means
from logistics.workflows.register import register, set_stock
from logistics.workflows.tick import Job, run_due

STEP = timedelta(minutes=15)
PLATFORM = "demo-platform"


@dataclass(slots=True)
class Rehearsal:
    """One world lived under one way of deciding."""

    world: World
    truth: Truth
    means: Means
    jobs: tuple[Job, ...]
    planner: PlannerBot
    spaces: SpaceBot
    carriers: CarrierBot
    platform: Teller
    shop: Shop
    shown_as: dict[str, str]
    """The product that each product's videos are said to show."""
    failed: Counter[str] = field(default_factory=Counter)
    """Jobs whose last words were that they failed, and how often."""
    lived_until: datetime | None = None
    """Up to where the platform has told; None before the first hour."""
    _next_buyer: int = 0

    def found(self) -> None:
        """Tell the service what it may know before the first hour: all but the future."""
        now, by = self.world.starts_at, "founding"
        world = self.world
        for market in world.markets:
            register(self.means, market, now=now, by=by)
        for category in world.categories:
            register(self.means, category, now=now, by=by)
        for product in world.products:
            register(self.means, product, now=now, by=by)
        for site in world.sites:
            register(self.means, site, now=now, by=by)
        for carrier in world.carriers:
            register(self.means, carrier, now=now, by=by)
        for vehicle in world.vehicles:
            register(self.means, vehicle, now=now, by=by)
        with self.means.store.read() as seen:
            centres = {node.site: node.id for node in seen.find(Node)}
        for opening in world.openings:
            set_stock(
                self.means,
                centres[opening.centre],
                opening.product,
                opening.units,
                floor=opening.floor,
                now=now,
                by=by,
            )

    def run(self, until: datetime, progress: Callable[[datetime], None]) -> None:
        """Live the world from its first step until a moment."""
        now = self.world.starts_at
        while now < until:
            now += STEP
            self.live(now)
            for tick in run_due(self.means, now=now, holder="twin", jobs=self.jobs):
                self.failed[tick.job] += tick.outcome.startswith("failed")
            self.answer(now)
            progress(now)

    def live(self, now: datetime) -> None:
        """Let the world happen until now: views are told, trucks and vans report, buyers buy."""
        lived = self.lived_until or self.world.starts_at
        while lived + STEP <= now:
            lived += STEP
            self._tell(lived)
            self.lived_until = lived
        self.spaces.work(self.means, now)
        self.carriers.work(self.means, now)
        self.shop.sell(self.means, self._buyers(now), now)

    def answer(self, now: datetime) -> None:
        """Let everybody who was asked something answer."""
        self.planner.act(self.means, now)
        self.spaces.act(self.means, now)
        self.carriers.act(self.means, now)

    def _tell(self, now: datetime) -> None:
        """Tell what was watched in the quarter of an hour that ends now."""
        self._publish_films(now)
        for told in self.platform.tell(now):
            batch = IncomingBatch(
                id=told.id, client=PLATFORM, residency=self.means.policy.zone, rows=told.rows
            )
            receive_signals(self.means, batch, now=now)

    def _buyers(self, until: datetime) -> tuple[Buyer, ...]:
        """Who comes before that moment and has not come yet."""
        start = self._next_buyer
        buyers = self.truth.buyers
        while self._next_buyer < len(buyers) and buyers[self._next_buyer].at < until:
            self._next_buyer += 1
        return buyers[start : self._next_buyer]

    def _publish_films(self, now: datetime) -> None:
        """Videos appear, and are taken down, when their hour has come."""
        for film in self.world.films:
            start = self.world.starts_at + timedelta(hours=film.starts_at_hour)
            if now - STEP <= start < now:
                self._publish(film, start, now)
            if film.removed_at_hour is not None:
                gone = start + timedelta(hours=film.removed_at_hour)
                if now - STEP <= gone < now:
                    remove_video(self.means, film.id, at=gone, now=now, by=PLATFORM)

    def _publish(self, film: Film, start: datetime, now: datetime) -> None:
        video = Video(id=film.id, title=film.title, platform="demo", published_at=start)
        register(self.means, video, now=now, by=PLATFORM)
        for share in film.products:
            shown = self.shown_as[share.of]
            link = VideoLink(
                id=link_id(film.id, shown), video=film.id, product=shown, share=share.share
            )
            register(self.means, link, now=now, by=PLATFORM)
        if film.push_hours is not None:
            for share in film.markets:
                register(self.means, self._push(film, start, share.of), now=now, by=PLATFORM)

    def _push(self, film: Film, start: datetime, market: str) -> PaidPush:
        """The schedule of a paid push, which is known ahead."""
        begin, end = film.push_hours or (0.0, 0.0)
        columns = [n for n, (of, _) in enumerate(self.truth.cells) if of == market]
        paid = float(self.truth.paid[film.id][:, columns].sum())
        return PaidPush(
            id=f"{film.id}~{market}",
            video=film.id,
            market=market,
            starts_at=start + timedelta(hours=begin),
            ends_at=start + timedelta(hours=end),
            expected_paid_views=round(paid),
        )
