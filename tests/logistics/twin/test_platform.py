"""The platform tells each bucket once, unless the world says that it goes astray."""

from dataclasses import replace
from datetime import timedelta

from logistics.twin.platform import Platform, Telling
from logistics.twin.truth import truth_of
from tests.builders.worlds import a_world


def all_told(world, telling=None):
    platform = Platform(telling or Telling(world=world, truth=truth_of(world)))
    return [
        told
        for quarter in range(1, 4 * world.hours + 1)
        for told in platform.tell(world.starts_at + timedelta(minutes=15 * quarter))
    ]


def going_astray(**faults):
    world = a_world()
    return replace(world, faults=replace(world.faults, **faults))


def test_what_is_told_sums_to_what_is_watched():
    world = a_world()
    told = sum(row.views for batch in all_told(world) for row in batch.rows)
    watched = truth_of(world).views["film"].sum()
    assert abs(told - watched) < 5 * watched**0.5


def test_every_life_is_told_the_same():
    world = going_astray(late_batch=0.2, doubled_batch=0.2, missing_batch=0.2)
    telling = Telling(world=world, truth=truth_of(world))
    first, second = all_told(world, telling), all_told(world, telling)
    assert first == second == all_told(world)


def test_each_batch_comes_once_when_nothing_goes_wrong():
    ids = [batch.id for batch in all_told(a_world())]
    assert len(ids) == len(set(ids))


def test_a_doubled_batch_comes_twice_with_the_same_rows():
    told = all_told(going_astray(doubled_batch=1.0))
    assert len(told) == 2 * len({batch.id for batch in told})
    assert len({batch.rows for batch in told}) == len({batch.id for batch in told})


def test_a_late_batch_comes_ninety_minutes_after_its_bucket():
    for batch in all_told(going_astray(late_batch=1.0)):
        assert batch.arrives_at - batch.rows[0].bucket_end == timedelta(minutes=90)


def test_a_missing_batch_never_comes():
    assert all_told(going_astray(missing_batch=1.0)) == []
