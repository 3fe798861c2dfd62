"""Where the user's pip looks for packages, uv looks too; and nothing of it is written down."""

import pytest

from bootstrap.pip_settings import translated


def test_a_company_mirror_and_its_certificate_are_handed_over():
    listing = """\
global.cert='/etc/ssl/company.pem'
global.index-url='https://name:secret@mirror.example/repo'
global.trusted-host='mirror.example\\nother.example'
"""
    assert translated(listing) == {
        "SSL_CERT_FILE": "/etc/ssl/company.pem",
        "UV_DEFAULT_INDEX": "https://name:secret@mirror.example/repo",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_INSECURE_HOST": "mirror.example other.example",
    }


def test_a_folder_of_wheels_that_is_not_there_is_left_out(tmp_path):
    wheels = f"{tmp_path} /nowhere/wheels https://mirror.example/wheels.html"
    handed_over = translated(f"global.find-links={wheels!r}\n")
    assert handed_over["UV_FIND_LINKS"] == f"{tmp_path},https://mirror.example/wheels.html"


@pytest.mark.parametrize(
    "listing",
    [
        "global.index-url='https://first.example'\n:env:.index-url='https://last.example'\n",
        ":env:.index-url='https://last.example'\nglobal.index-url='https://first.example'\n",
        "install.index-url='https://last.example'\nglobal.index-url='https://first.example'\n",
    ],
)
def test_the_environment_wins_over_install_and_install_over_global(listing):
    assert translated(listing)["UV_DEFAULT_INDEX"] == "https://last.example"


def test_what_uv_has_no_word_for_is_left_out():
    assert translated("global.constraint='c.txt'\nlist.format='json'\n\n") == {
        "UV_INDEX_STRATEGY": "unsafe-best-match"
    }
