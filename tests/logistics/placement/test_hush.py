"""A solver's stray words do not reach the screen, and everybody else's do."""

import ctypes
from concurrent.futures import ThreadPoolExecutor

from logistics.placement.hush import hush


def say(text):
    ctypes.CDLL(None).printf(text)
    ctypes.CDLL(None).fflush(None)


def test_compiled_words_are_hushed_and_heard_again_afterwards(capfd):
    say(b"before\n")
    with hush():
        say(b"stray\n")
    say(b"after\n")
    assert capfd.readouterr().out == "before\nafter\n"


def test_many_may_be_hushed_at_once_and_the_last_one_out_is_heard(capfd):
    def quiet(_):
        with hush():
            say(b"stray\n")

    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(quiet, range(200)))
    say(b"after\n")
    assert capfd.readouterr().out == "after\n"
