"""What an operator sets: refused in words where it cannot be so, and no secret that all know."""

import stat

import pytest
from pydantic import ValidationError

from api.settings import Settings
from api.wiring import read_policy


def test_the_embedded_default_draws_a_secret_once_and_keeps_it(tmp_path):
    settings = Settings(data_dir=tmp_path / "new")
    first = settings.service_secret()
    assert len(first) == 64
    assert settings.service_secret() == first
    assert stat.S_IMODE((tmp_path / "new" / "secret").stat().st_mode) == 0o600
    assert Settings(data_dir=tmp_path / "other").service_secret() != first


@pytest.mark.parametrize("secret", ["", "secret", "x" * 31])
def test_a_shared_database_needs_a_secret_of_its_own(secret):
    with pytest.raises(ValidationError, match="SURGEPORT_SECRET"):
        Settings(database="postgresql://localhost/surgeport", secret=secret)


def test_a_given_secret_is_used_and_never_shown():
    settings = Settings(database="postgresql://localhost/surgeport", secret="s" * 32)
    assert settings.service_secret() == b"s" * 32
    assert "s" * 32 not in repr(settings)


@pytest.mark.parametrize("told", [{"port": 70_000}, {"workers": 0}, {"tick_seconds": 0}, {"no": 1}])
def test_a_setting_that_cannot_be_so_is_refused(told):
    with pytest.raises(ValidationError):
        Settings(**told)


def test_the_numbers_of_a_file_stand_over_the_defaults(tmp_path):
    file = tmp_path / "policy.toml"
    file.write_text('zone = "eu"\n[verdicts]\nundo = 60\n')
    policy = read_policy(Settings(database="memory:", policy=file))
    assert (policy.zone, policy.verdicts.undo) == ("eu", 60)
    assert policy.prices.pick_pack == 110
