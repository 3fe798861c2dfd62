"""Out of what was heard come episodes and outlooks, again whenever something moved."""

from dataclasses import replace
from datetime import timedelta

import pytest

from logistics.catalogue import Category, Video
from logistics.decisions import Recommendation, RecommendationState
from logistics.demand import LostDemand, Outlook, lost_demand_id
from logistics.episodes import EPISODE, Episode, EpisodeState
from logistics.events import Event
from logistics.exceptions import Case, CaseKind
from logistics.foresight import MarketView, look_ahead, said
from logistics.records import DecisionRecord, canonical, fingerprint, shape
from logistics.signals import SignalBatch
from logistics.workflows.hear import remove_video
from logistics.workflows.register import register
from logistics.workflows.sense import sense
from tests.builders.buyers import buy, watch
from tests.builders.supply import (
    CELLS,
    SEVEN,
    a_link,
    a_product,
    a_recommendation,
    a_row,
    a_video,
    a_world,
    all_of,
    an_outlook,
    heard,
)

BURST = (200, 900, 4_000, 16_000, 40_000, 60_000)


def after(**ahead):
    return SEVEN + timedelta(**ahead)


def outlooks(tools, product="lamp"):
    with tools.store.read() as seen:
        return seen.find(Outlook, product=product, sort="made_at")


def test_a1_a_product_that_never_sold_is_forecast_from_its_category_and_says_so():
    tools = a_world()
    for minutes in range(40, 0, -5):
        at = SEVEN - timedelta(minutes=minutes)
        heard(tools, a_row(at, views=1_150), id=f"b{minutes}", now=at + timedelta(minutes=5))
    (outlook,) = sense(tools, now=SEVEN)
    assert outlook.basis == "category_prior"
    assert outlook.whole.total(24).p50 > 0
    assert outlook.whole.total(24).p90 > 2 * outlook.whole.total(24).p50
    assert {region.cell for region in outlook.regions} == set(CELLS)


def test_regions_sum_to_the_whole_and_follow_their_views():
    tools = a_world()
    watch(tools, BURST)
    (outlook,) = sense(tools, now=SEVEN)
    regions = sum(sum(region.hourly) for region in outlook.regions)
    assert regions == pytest.approx(sum(outlook.whole.hourly.p50), rel=0.01)
    by_cell = {region.cell: sum(region.hourly) for region in outlook.regions}
    assert by_cell[CELLS[0]] > by_cell[CELLS[1]] > by_cell[CELLS[2]]
    assert outlook.hours == 240


def test_looking_twice_at_the_same_picture_publishes_once():
    tools = a_world()
    watch(tools, BURST)
    assert len(sense(tools, now=SEVEN)) == 1
    assert sense(tools, now=SEVEN) == ()
    assert sense(tools, now=after(minutes=15)) == ()
    assert len(sense(tools, now=after(minutes=61))) == 1
    assert len(all_of(tools, Event, type="forecast.published")) == 2


def test_a4_a_late_batch_makes_a_forecast_that_supersedes_and_the_first_stays():
    tools = a_world()
    watch(tools, BURST)
    (first,) = sense(tools, now=SEVEN)
    late = heard(
        tools, a_row(SEVEN - timedelta(hours=2), 20, 30_000), id="late", now=after(minutes=5)
    )
    (second,) = sense(tools, now=after(minutes=15))
    assert late.late == 1
    assert (second.supersedes, first.supersedes) == (first.id, None)
    assert outlooks(tools) == (first, second)


def test_a_forecast_leads_back_to_the_batches_and_can_be_computed_again():
    tools = a_world()
    watch(tools, BURST)
    (first,) = sense(tools, now=SEVEN)
    heard(tools, a_row(SEVEN, 5, 9_000), id="more", now=after(minutes=5))
    (second,) = sense(tools, now=after(minutes=15))
    records = {record.id: record for record in all_of(tools, DecisionRecord)}
    assert set(records[first.decision].parents) == {
        batch.id for batch in all_of(tools, SignalBatch) if "more" not in batch.id
    }
    assert records[second.decision].parents == (first.decision, "clips~v1-5-241500", "clips~more")
    for record in records.values():
        view = shape(MarketView).validate_json(record.inputs)
        assert fingerprint(canonical(view)) == record.inputs_hash
        assert fingerprint(canonical(said(look_ahead(view)))) == record.result_hash


def test_an_episode_starts_peaks_fades_and_ends_once_each():
    tools = a_world()
    watch(tools, BURST)
    sense(tools, now=SEVEN)
    (started,) = all_of(tools, Episode)
    assert (started.state, started.video) == (EpisodeState.STARTED, "v1")
    assert started.doubling_minutes is not None
    assert {one.name for one in started.evidence} >= {"views", "growth"}
    falling = (55_000, 48_000, 40_000, 34_000, 28_000, 24_000, 20_000, 9_000, 2_000, 900, 400)
    for i, count in enumerate(falling):
        watch(tools, (count,), until=after(hours=1 + i))
        sense(tools, now=after(hours=1 + i))
    watch(tools, (20,) * 26, until=after(hours=37), id="end")
    sense(tools, now=after(hours=37))
    assert all_of(tools, Episode)[0].state is EpisodeState.ENDED
    told = [e.type for e in all_of(tools, Event, subject=started.id)]
    assert told == ["virality.started", "virality.peaked", "virality.faded", "virality.ended"]
    sense(tools, now=after(hours=38))
    assert len(all_of(tools, Episode)) == 1


def test_a8_a_video_taken_down_ends_its_episode_and_lowers_the_forecast_at_once():
    tools = a_world()
    watch(tools, BURST)
    (before,) = sense(tools, now=SEVEN)
    remove_video(tools, "v1", at=SEVEN, now=after(minutes=1), by="clips")
    (now,) = sense(tools, now=after(minutes=5))
    window = (now.start + timedelta(hours=6), now.start + timedelta(hours=72))
    assert now.expected(*window) < before.expected(*window)
    assert all_of(tools, Episode)[0].state is EpisodeState.REMOVED
    assert all_of(tools, Video)[0].removed_at == SEVEN


def test_a9_where_the_mood_turns_the_recommendation_is_held_and_says_why():
    tools = a_world()
    watch(tools, BURST, negative_reactions=0.002)
    sense(tools, now=SEVEN)
    a_recommendation(tools)
    watch(tools, (80_000, 120_000, 150_000), until=after(hours=3), negative_reactions=0.06)
    sense(tools, now=after(hours=3))
    assert all_of(tools, Episode)[0].state is EpisodeState.TURNED_NEGATIVE
    (held,) = all_of(tools, Recommendation)
    assert (held.state, held.held_because) == (RecommendationState.HELD, "sentiment_turned")


def test_a10_three_hours_above_the_band_raise_the_alarm_and_a_new_forecast():
    tools = a_world()
    watch(tools, BURST)
    old = an_outlook(tools, 10, made_at=SEVEN - timedelta(hours=1))
    for hour in range(3):
        buy(tools, 40, at=after(hours=hour, minutes=20), id=f"ord_{hour}")
    (new,) = sense(tools, now=after(hours=3, minutes=5))
    assert [case.kind for case in all_of(tools, Case)] == [CaseKind.FORECAST_BREACH]
    assert new.supersedes == old.id
    sense(tools, now=after(hours=4, minutes=10))
    assert all_of(tools, Case)[0].closed_at is not None


def test_a12_bought_views_make_a_suspect_episode_and_a_case():
    tools = a_world()
    for i, count in enumerate((20_000, 90_000, 190_000)):
        start = SEVEN - timedelta(hours=3 - i)
        row = a_row(start, 60, count, completed=count // 25, product_clicks=0)
        heard(tools, row, id=f"bots{i}", now=start + timedelta(hours=1))
    sense(tools, now=SEVEN)
    assert all_of(tools, Episode)[0].state is EpisodeState.SUSPECT
    assert [case.kind for case in all_of(tools, Case)] == [CaseKind.SUSPECT_VIDEO]


def test_a2_two_videos_and_the_baseline_sum_to_the_forecast_of_one_product():
    tools = a_world()
    register(tools, a_video("v2"), now=SEVEN, by="clips")
    register(tools, a_link("v2"), now=SEVEN, by="clips")
    watch(tools, BURST[::-1])
    watch(tools, BURST, video="v2")
    (outlook,) = sense(tools, now=SEVEN)
    assert {part.name for part in outlook.whole.parts if part.kind == "video"} == {"v1", "v2"}
    for i, p50 in enumerate(outlook.whole.hourly.p50):
        assert sum(part.hourly[i] for part in outlook.whole.parts) == pytest.approx(p50, abs=1)


def test_a3_one_video_shares_its_orders_among_its_products():
    tools = a_world()
    register(tools, Category(id="home", name="Home"), now=SEVEN, by="shop")
    register(tools, a_link(share=0.6), now=SEVEN, by="clips")
    for name, share in (("ring", 0.3), ("cup", 0.1)):
        register(tools, a_product(name), now=SEVEN, by="shop")
        register(tools, a_link(product=name, share=share), now=SEVEN, by="clips")
    watch(tools, BURST)
    found = {one.product: one.whole.total(24).p50 for one in sense(tools, now=SEVEN)}
    assert found["ring"] / found["lamp"] == pytest.approx(0.5, rel=0.05)
    assert found["cup"] / found["lamp"] == pytest.approx(1 / 6, rel=0.05)


def test_what_was_asked_for_in_vain_counts_as_demand():
    sold, refused = a_world(), a_world()
    for tools in (sold, refused):
        watch(tools, BURST)
        buy(tools, 5, at=SEVEN - timedelta(minutes=90), id="ord_1")
    hour = SEVEN - timedelta(hours=2)
    lost = LostDemand(
        id=lost_demand_id("lamp", "la", CELLS[0], hour),
        product="lamp",
        market="la",
        cell=CELLS[0],
        hour=hour,
        units=400,
    )
    with refused.store.begin() as deed:
        deed.add(lost)
    (without,), (counted,) = (sense(tools, now=SEVEN) for tools in (sold, refused))
    assert counted.whole.total(24).p50 > 1.2 * without.whole.total(24).p50


def test_a_picture_that_moved_while_we_computed_is_left_for_the_next_tick():
    tools = a_world()
    watch(tools, BURST)

    class Meddling:
        """Takes the video down while the forecast is computed."""

        def run(self, work, *args, **kwargs):
            remove_video(tools, "v1", at=SEVEN, now=SEVEN, by="clips")
            return work(*args, **kwargs)

    assert sense(replace(tools, compute=Meddling()), now=SEVEN) == ()
    assert outlooks(tools) == ()
    assert len(sense(tools, now=after(minutes=1))) == 1


def test_a_quiet_world_publishes_nothing():
    assert sense(a_world(), now=SEVEN) == ()


def test_every_move_of_an_episode_is_one_that_its_life_allows():
    tools = a_world()
    watch(tools, BURST)
    for hours in range(0, 30, 3):
        watch(tools, (max(60_000 - 9_000 * hours, 40),) * 3, until=after(hours=hours + 3), id="x")
        sense(tools, now=after(hours=hours + 3))
    allowed = {(a.value, b.value) for (a, _), b in EPISODE.leads_to.items()}
    moved = [e.data for e in all_of(tools, Event) if e.type.startswith("virality.")]
    assert {(d["from"], d["state"]) for d in moved if "from" in d} <= allowed


def test_growth_within_the_first_hour_raises_what_is_foreseen():
    days = []
    for views in ((300, 300, 300, 300), (40, 160, 360, 640)):
        tools = a_world()
        for quarter, count in enumerate(views):
            start = SEVEN - timedelta(minutes=60 - 15 * quarter)
            heard(tools, a_row(start, 15, count), id=f"q{quarter}")
        sense(tools, now=SEVEN)
        days.append(outlooks(tools)[-1].whole.total(24).p50)
    flat, rising = days
    assert rising > 1.5 * flat


def test_quarters_reach_the_forecast_row_by_row():
    tools = a_world()
    heard(tools, a_row(SEVEN - timedelta(minutes=40), 10, 90), a_row(SEVEN - timedelta(minutes=20), 5, 70))  # fmt: skip
    sense(tools, now=SEVEN)
    (record,) = all_of(tools, DecisionRecord)
    (video,) = shape(MarketView).validate_json(record.inputs).watched
    assert [view.quarters for view in video.views] == [((0, 90, 70, 0),)]
