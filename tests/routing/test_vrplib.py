import pytest

from routing.effort import Effort
from routing.errors import BadProblem, UnreadableFile
from routing.solver import route
from routing.vrplib import problem_of_benchmark

SOLOMON = """TINY

VEHICLE
NUMBER     CAPACITY
  2         10

CUSTOMER
CUST NO.  XCOORD.  YCOORD.  DEMAND  READY TIME  DUE DATE  SERVICE TIME

  0   0   0   0    0  100   0
  1   3   4   6    0   50  10
  2   3   0   6    0   50  10
"""

VRPLIB = """NAME : tiny
TYPE : VRPTW
DIMENSION : 3
CAPACITY : 10
VEHICLES : 2
EDGE_WEIGHT_TYPE : EXPLICIT
EDGE_WEIGHT_FORMAT : FULL_MATRIX
EDGE_WEIGHT_SECTION
0 5 3
5 0 4
3 4 0
DEMAND_SECTION
1 0
2 4
3 4
DEPOT_SECTION
1
-1
EOF
"""


def test_a_solomon_file_is_routed_at_ten_times_its_distance():
    plan = route(problem_of_benchmark(SOLOMON), Effort(steps=100))
    assert len(plan.routes) == 2
    assert plan.cost == 160


def test_a_vrplib_file_with_a_matrix_is_routed_by_its_numbers():
    plan = route(problem_of_benchmark(VRPLIB), Effort(steps=100))
    assert plan.cost == 12


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("hello", "neither"),
        (SOLOMON.replace("  1   3   4   6", "  1   x   4   6"), "line 11: could not convert"),
        (VRPLIB.replace("3 4 0\n", ""), "6 edge weights, 9 expected"),
        (VRPLIB.replace("CAPACITY : 10\n", ""), "no line CAPACITY"),
        (VRPLIB.replace("CAPACITY : 10", "CAPACITY : ten"), "a number is none"),
        (VRPLIB.replace("0 5 3", "0 nan 3"), "an edge weight is below zero or no number"),
        (VRPLIB.replace("0 5 3", "0 -5 3"), "an edge weight is below zero or no number"),
        (VRPLIB.replace("3 4\nDEPOT", "DEPOT"), "DEMAND_SECTION has 2 lines, 3 expected"),
    ],
)
def test_a_damaged_benchmark_file_is_refused_with_its_fault(text, fault):
    with pytest.raises(UnreadableFile, match=fault):
        problem_of_benchmark(text)


def test_a_window_of_a_benchmark_that_ends_before_it_begins_is_refused_by_its_stop():
    with pytest.raises(BadProblem, match="stop 1: its window closes before it opens"):
        problem_of_benchmark(SOLOMON.replace("   0   50  10\n  2", "  60   50  10\n  2"))
