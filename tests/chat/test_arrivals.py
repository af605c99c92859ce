"""A stop that comes while a runner takes the run up, when there is no answer to cut yet."""

from uuid import uuid4

from chat.runs.take_up import Arrivals


def test_a_stop_of_a_run_that_is_being_taken_up_is_kept_for_it() -> None:
    arrivals, stopped, other = Arrivals(), uuid4(), uuid4()
    with arrivals.of(stopped) as first, arrivals.of(stopped) as second, arrivals.of(other) as third:
        arrivals.stop(stopped)
    assert (first.is_stopped, second.is_stopped, third.is_stopped) == (True, True, False)


def test_a_stop_that_comes_later_is_for_the_answer() -> None:
    arrivals, run = Arrivals(), uuid4()
    with arrivals.of(run) as arrival:
        pass
    arrivals.stop(run)
    assert not arrival.is_stopped
