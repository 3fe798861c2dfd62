"""The golden days: `make approve` (pytest --approve) writes their answers anew."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the answers of today for right."""
    parser.addoption("--approve", action="store_true", help="write the golden answers anew")


@pytest.fixture
def approving(request: pytest.FixtureRequest) -> bool:
    """Whether the answers are to be written; never where the whole suite runs."""
    return bool(request.config.getoption("--approve", default=False))
