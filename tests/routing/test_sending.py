from routing.effort import Effort
from routing.problem import Load, Window
from routing.rules import broken
from routing.sending import leaving_by, must_go, sending
from routing.solver import route
from tests.builders.games import a_town, by_futures, greedy, play
from tests.routing.builders import HOUR, a_line, a_problem, a_stop, a_van


def test_an_order_that_would_be_late_at_the_next_wave_must_go():
    urgent = a_stop("urgent", 3, due=HOUR + 3 * 600 - 1)
    patient = a_stop("patient", 3, due=HOUR + 3 * 600)
    assert must_go(a_problem([urgent, patient]), HOUR) == {"urgent"}


def test_what_must_go_is_sent_and_a_lone_patient_order_waits_for_company():
    urgent = a_stop("urgent", 3, due=HOUR)
    beside = a_stop("beside", 3, due=5 * HOUR, load=Load(parcels=1))
    apart = a_stop("apart", 8, due=8 * HOUR)
    vans = [a_van("one", capacity=Load(parcels=2)), a_van("two", capacity=Load(parcels=2))]
    future = tuple(a_stop(f"new{k}", 8, release=HOUR, due=9 * HOUR) for k in range(2))
    problem = a_problem([urgent, beside, apart], vehicles=vans, travel=a_line(9))
    decided = sending(problem, HOUR, [future, future], Effort(steps=300))
    assert "urgent" in decided.send
    assert "beside" in decided.send
    assert decided.hold == ("apart",)


def test_without_anything_urgent_everything_may_wait():
    problem = a_problem([a_stop("a", 1, due=7 * HOUR)])
    assert sending(problem, HOUR, [], Effort(steps=20)).hold == ("a",)


def test_a_full_trip_gains_nothing_by_waiting():
    problem = a_problem([a_stop(f"s{k}", 1 + k, due=9 * HOUR) for k in range(3)])
    assert sending(problem, HOUR, [], Effort(steps=50), full=4).send == ()
    assert len(sending(problem, HOUR, [], Effort(steps=50), full=3).send) == 3


def test_what_a_usual_trip_does_before_counts_to_the_last_moment():
    problem = a_problem([a_stop("s", 3, due=HOUR + 3 * 600)])
    assert sending(problem, HOUR, [], Effort(steps=20)).must_go == ()
    assert sending(problem, HOUR, [], Effort(steps=20), before=60).must_go == ("s",)


def test_what_is_late_whenever_it_leaves_has_nothing_to_lose_by_waiting_but_its_day():
    late = a_stop("late", 3, due=600)
    closing = a_stop("closing", 3, due=600, windows=(Window(opens=0, closes=HOUR),))
    assert must_go(a_problem([late, closing]), HOUR) == {"closing"}


def test_of_a_plan_only_the_trips_that_leave_before_the_next_look_are_kept():
    now, later = a_stop("now", 1, latest=HOUR), a_stop("later", 2, release=2 * HOUR)
    problem = a_problem([now, later], vehicles=[a_van("one"), a_van("two")])
    plan = route(problem, Effort(steps=20))
    part, kept = leaving_by(problem, plan, HOUR)
    assert [stop.name for stop in part.stops] == ["now"]
    assert [visit.stop for _, visit in kept.visits()] == ["now"]
    assert broken(part, kept) == ()


def test_an_hourly_game_costs_less_than_sending_all_at_once():
    town = a_town(3, places=120, epochs=4, each=30)
    at_once, missed = play(town, 3, greedy, steps=60)
    held, lost = play(town, 3, by_futures(town, 3, count=4, steps=60), steps=60)
    assert (missed, lost) == (0, 0)
    assert held <= 0.95 * at_once
