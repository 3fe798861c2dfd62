"""Events are sent signed, repeated by the table, and never to an address inside."""

import json
from datetime import timedelta

import httpx
import pytest
from standardwebhooks import Webhook

from api.errors import ForbiddenAddress
from api.webhooks import REPEATS, Sender, outside, reachable
from logistics.access import Role
from logistics.outbox import EndpointState, WebhookDelivery, WebhookEndpoint
from logistics.workflows.moves import tell
from tests.builders.doors import House, problem, under_key
from tests.builders.receiver import a_receiver
from tests.builders.supply import all_of


@pytest.fixture
def house():
    return House(webhooks_to_inside=True)


@pytest.fixture
def receiver():
    with a_receiver() as receiver:
        yield receiver


@pytest.fixture
def sender(house):
    with httpx.Client(trust_env=False) as client:
        yield Sender(house.service, client)


def register(house, url, role=Role.CARRIER, **more):
    asked = {"url": url, **more}
    return house.caller(role).post("/v1/webhook-endpoints", json=asked, headers=under_key())


def told(house, type="route.updated", audience=("swift",), **data):
    with house.means.store.begin() as deed:
        tell(
            deed,
            house.means.ids,
            type,
            "rte_1",
            now=house.clock(),
            cause="t",
            audience=audience,
            data=data,
        )


def test_an_event_is_sent_signed_and_once(house, receiver, sender):
    made = register(house, receiver.url, types=["route.*"]).json()
    told(house, n=1)
    told(house, "order.cancelled", n=2)
    told(house, audience=("slow",), n=3)
    assert sender.send_due(house.clock()) == 1
    assert sender.send_due(house.clock()) == 0
    (headers, body) = receiver.came[0]
    assert json.loads(body)["data"] == {"n": 1}
    signed = Webhook(made["secret"]).sign(headers["webhook-id"], house.clock(), body)
    assert headers["webhook-signature"] == signed
    assert headers["webhook-timestamp"] == str(int(house.clock().timestamp()))


def test_what_happened_before_the_endpoint_was_made_is_not_sent(house, receiver, sender):
    told(house)
    register(house, receiver.url)
    assert sender.send_due(house.clock()) == 0


def test_d12_a_receiver_that_is_down_is_tried_by_the_table_and_misses_nothing(
    house, receiver, sender
):
    register(house, receiver.url)
    told(house, n=1)
    receiver.codes = [500, 500, 500]
    for wait in REPEATS[:3]:
        house.clock.on(seconds=wait.total_seconds())
        assert sender.send_due(house.clock()) == 0
        assert sender.send_due(house.clock()) == 0
    endpoint = all_of(house.means, WebhookEndpoint)[0]
    assert endpoint.state is EndpointState.FAILING
    house.clock.on(seconds=REPEATS[3].total_seconds())
    assert sender.send_due(house.clock()) == 1
    assert len({headers["webhook-id"] for headers, _ in receiver.came}) == 1
    assert len(receiver.came) == 4
    assert all_of(house.means, WebhookEndpoint)[0].state is EndpointState.ACTIVE


def test_the_table_ends_after_three_days_and_the_endpoint_is_disabled(house, receiver, sender):
    made = register(house, receiver.url).json()
    told(house)
    receiver.codes = [500] * 50
    for wait in REPEATS:
        house.clock.on(seconds=wait.total_seconds())
        sender.send_due(house.clock())
    assert len(receiver.came) == len(REPEATS)
    assert all_of(house.means, WebhookDelivery)[0].next_try_at is None
    told(house)
    house.clock.on(hours=1)
    sender.send_due(house.clock())
    carrier = house.caller(Role.CARRIER)
    path = f"/v1/webhook-endpoints/{made['id']}"
    assert carrier.get(path).json()["state"] == "disabled"
    told(house)
    assert sender.send_due(house.clock() + timedelta(hours=1)) == 0
    receiver.codes = []
    assert carrier.put(f"{path}/activation").json()["state"] == "active"
    problem(carrier.put(f"{path}/activation"), "state-conflict")
    told(house, n="after")
    assert sender.send_due(house.clock()) == 1


def test_a_delivery_can_be_sent_again(house, receiver, sender):
    made = register(house, receiver.url).json()
    told(house)
    sender.send_due(house.clock())
    carrier = house.caller(Role.CARRIER)
    listed = carrier.get(f"/v1/webhook-deliveries?endpoint={made['id']}").json()["items"]
    assert listed[0]["last_code"] == 204
    path = f"/v1/webhook-deliveries/{listed[0]['id']}/redelivery"
    assert carrier.post(path, headers=under_key()).status_code == 201
    assert sender.send_due(house.clock()) == 1
    assert len(receiver.came) == 2


def test_a_receiver_that_cannot_be_reached_is_written_down(house, sender):
    register(house, "http://127.0.0.1:1/hook")
    told(house)
    assert sender.send_due(house.clock()) == 0
    assert "ConnectError" in all_of(house.means, WebhookDelivery)[0].last_error


def test_an_endpoint_is_its_owners_alone(house, receiver):
    made = register(house, receiver.url).json()
    path = f"/v1/webhook-endpoints/{made['id']}"
    assert "secret" not in house.caller(Role.CARRIER).get(path).json()
    for other in (house.caller(Role.CARRIER, "slow"), house.caller(Role.OPERATOR, "swift")):
        problem(other.get(path), "not-found")
        problem(other.delete(path), "not-found")
    assert house.caller(Role.CARRIER).delete(path).status_code == 204
    problem(house.caller(Role.CARRIER).get(path), "not-found")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "::1",
        "fe80::1%eth0",
        "::ffff:10.0.0.1",
        "0.0.0.0",
    ],
)
def test_d13_an_address_inside_is_refused(address):
    assert not outside(address)
    with pytest.raises(ForbiddenAddress):
        reachable("https://hooks.example/x", resolve=lambda *_: ["93.184.216.34", address])


def test_d13_a_webhook_to_inside_is_refused_at_the_door():
    house = House()
    for url in ("http://127.0.0.1/x", "https://127.0.0.1/x", "https://localhost/x"):
        problem(register(house, url), "forbidden-address")
    problem(register(house, "https://user:word@example.com/"), "forbidden-address")
    assert all_of(house.means, WebhookEndpoint) == ()


def test_an_address_of_the_internet_is_welcome():
    url = "https://hooks.example/x"
    assert reachable(url, resolve=lambda *_: ["93.184.216.34"]) == "93.184.216.34"
