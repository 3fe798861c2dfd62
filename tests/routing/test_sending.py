from routing.effort import Effort
from routing.problem import Load
from routing.rules import broken
from routing.sending import must_go, sending
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
    assert broken(a_problem([urgent, beside], vehicles=vans, travel=a_line(9)), decided.plan) == ()


def test_without_anything_urgent_everything_may_wait():
    problem = a_problem([a_stop("a", 1, due=7 * HOUR)])
    assert sending(problem, HOUR, [], Effort(steps=20)).hold == ("a",)
