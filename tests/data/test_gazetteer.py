"""Addresses are placed as far as free data can tell, and no further."""

import pytest

from data.sources.gazetteer import GeoNames


def labels(address, country="US"):
    return [one.label for one in GeoNames().candidates(address, country)]


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("1200 S Main St, Los Angeles, CA 90015", "Los Angeles, CA"),
        ("Los Angeles, California", "Los Angeles, CA"),
        ("5 Main Street, Springfield, IL 62701", "Springfield, IL"),
        ("5 Main Street, Springfield, 65806", "Springfield, MO"),
        ("springfield oh", "Springfield, OH"),
        ("350 5th Ave, New York, NY 10118, USA", "New York City, NY"),
        ("350 5th Ave, New York", "New York City, NY"),
        ("PASADENA,  ca", "Pasadena, CA"),
    ],
)
def test_a_state_or_a_postcode_settles_which_place_is_meant(address, label):
    (only,) = GeoNames().candidates(address, "US")
    assert only.label == label
    assert only.score > 0.9


def test_places_of_one_name_are_kept_apart_where_nothing_settles_it():
    found = GeoNames().candidates("12 Elm Street, Springfield", "US")
    assert [one.label for one in found[:2]] == ["Springfield, MO", "Springfield, MA"]
    assert len({(one.lat, one.lon) for one in found}) == len(found) > 5
    assert all(one.score < 0.5 for one in found)
    assert sum(one.score for one in found) < 1


def test_a_place_in_another_country_is_asked_for_there():
    assert labels("Unter den Linden 1, Berlin", "DE")[0].startswith("Berlin")
    assert "Berlin" not in {label.split(",")[0] for label in labels("Nowhere", "DE")}


@pytest.mark.parametrize("address", ["", ",,,", "zzzzz", "12345", "Atlantis, ZZ 00000", "\0", "水"])
def test_an_unknown_address_has_no_candidates(address):
    assert labels(address) == []


def test_an_unknown_country_has_no_places():
    assert labels("Los Angeles", "ZZ") == []
