"""Every cell of every life: the moves that are allowed, and the many that are not.

`lives.txt` is the approved drawing, read against the papers; a life that moves
otherwise fails here until somebody has agreed to the change there.
"""

from pathlib import Path

import pytest

from logistics.errors import NotAllowedNow
from logistics.events import BESIDE_STATES, EVENT_TYPES, LIVES
from logistics.outbox import ENDPOINT

ALL = (*LIVES, ENDPOINT)


def approved():
    """The drawing: by resource, the moves with their ends."""
    drawing, moves = {}, {}
    for line in (Path(__file__).parent / "lives.txt").read_text().splitlines():
        if not line.startswith(" "):
            moves = drawing[line] = {}
            continue
        move, _, end = line.strip().partition(" = ")
        state, _, step = move.partition(" + ")
        moves[state, step] = end
    return drawing


APPROVED = approved()
CELLS = [
    pytest.param(life, state, step, id=f"{life.resource}: {state} + {step}")
    for life in ALL
    for state in life.states
    for step in life.steps
]
TERMINAL = {
    "signal_batch": {"applied", "refused"},
    "virality": {"ended", "removed"},
    "lease": {"ended", "refused", "expired", "cancelled"},
    "node": {"closed", "cancelled"},
    "replenishment": {"closed", "cancelled"},
    "quote": {"accepted", "expired", "withdrawn"},
    "order": {"delivered", "cancelled", "unserviceable", "returned", "failed"},
    "promise": {"kept", "broken", "released"},
    "plan": {"superseded", "failed", "abandoned"},
    "route": {"completed", "cancelled", "superseded"},
    "tender": {"accepted", "declined", "expired", "withdrawn"},
    "stop": {"closed"},
    "exception": {"resolved", "dismissed"},
    "operation": {"succeeded", "failed", "cancelled"},
    "scenario": {"promoted", "discarded"},
    "webhook_endpoint": set(),
    "recommendation": {"lapsed", "superseded"},
}
"""Terminal states by the product paper; a verdict can be undone within its window."""


@pytest.mark.parametrize(("life", "state", "step"), CELLS)
def test_a_move_leads_where_it_was_agreed_or_is_refused(life, state, step):
    agreed = APPROVED[life.resource]
    if (state.value, step.value) in agreed:
        assert life.after(state, step).value == agreed[state.value, step.value]
        return
    with pytest.raises(NotAllowedNow) as said:
        life.after(state, step)
    assert (said.value.resource, said.value.state, said.value.step) == (life.resource, state, step)
    assert set(said.value.allowed) == {move for at, move in agreed if at == state.value}


def test_the_drawing_is_of_all_lives():
    assert set(APPROVED) == {life.resource for life in ALL} == set(TERMINAL)


@pytest.mark.parametrize("life", ALL, ids=lambda life: life.resource)
def test_a_life_ends_where_the_paper_says(life):
    ends = {state.value for state in life.states if life.terminal(state)}
    assert ends == TERMINAL[life.resource]


@pytest.mark.parametrize("life", ALL, ids=lambda life: life.resource)
def test_every_state_can_be_reached_and_every_step_taken(life):
    first = next(iter(life.states))
    reached, border = {first}, [first]
    while border:
        at = border.pop()
        after = {end for (state, _), end in life.leads_to.items() if state == at} - reached
        reached |= after
        border += after
    assert reached == set(life.states)
    assert {step for _, step in life.leads_to} == set(life.steps)


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.resource)
def test_every_move_has_an_event_of_its_name(life):
    for end in life.leads_to.values():
        assert f"{life.resource}.{end.value}" in EVENT_TYPES


def test_no_event_has_two_meanings():
    told = [name for life in LIVES for name in life.events()]
    assert len(set(told)) == len(told)
    assert set(BESIDE_STATES) <= set(EVENT_TYPES)
