"""Advice about tools: each rule speaks when it should, and is silent about a tool that does well."""

import pytest

from tools.admin import advice
from tools.admin.advice import Use
from tools.admin.figures import Counts
from tools.specs import Risk

WELL = Use(Counts("add", calls=40, people=4, by_models=30, succeeded=39, failed=1, half=0.1, most=0.4, cost=0.2), all_costs=9.0)


def used(**counts: float) -> Use:
    return WELL._replace(counts=WELL.counts._replace(**counts))  # type: ignore[arg-type]  # whole numbers where they must be


CASES = [
    (WELL._replace(missing="There is no database."), advice.missing, "It is not offered: There is no database. Fix that"),
    (
        used(failed=20, succeeded=20)._replace(error="timeout"),
        advice.fails,
        "20 of 40 calls failed, mostly because of its time limit",
    ),
    (used(late=5), advice.late, "5 calls were ended after 30 s"),
    (used(most=14.6), advice.slow, "One call in twenty takes 15 s"),
    (used(unknown=2), advice.unknown, "It is not known whether 2 calls happened"),
    (WELL._replace(counts=Counts("add"), unused_days=45), advice.unused, "It has not been used for 45 days"),
    (used(by_models=0), advice.never_picked, "models never do"),
    (used(asked=8, denied=3), advice.denied, "People declined 3 of 8 calls"),
    (used(asked=8, expired=3), advice.undecided, "No one decided in time about 3 of 8 calls"),
    (used(asked=12)._replace(risk=Risk.WRITE), advice.always_allowed, "All 12 calls were allowed"),
    (used(asked=9, edited=4), advice.edited, "changed the arguments of 4 of 9 calls"),
    (
        WELL._replace(models=[Counts("add", "Small", calls=9, repaired=4)]),
        advice.repaired,
        "Small wrote 4 of 9 calls wrongly",
    ),
    (used(cost=6.0), advice.costly, "67 % of what all tools cost"),
    (used(people=1), advice.for_one, "Only one person"),
    (WELL._replace(is_on=False), advice.missed, "It is off, and 4 people used it"),
]


@pytest.mark.parametrize(("use", "rule", "words"), CASES, ids=[rule.__name__ for _, rule, _ in CASES])
def test_each_rule_says_what_to_do(use: Use, rule: advice.Rule, words: str) -> None:
    assert words in rule(use)
    assert words in " ".join(advice.about(use))
    assert rule(WELL) == ""


def test_every_rule_is_tried_and_a_tool_that_does_well_gets_no_advice() -> None:
    assert {rule for _, rule, _ in CASES} == set(advice.RULES)
    assert advice.about(WELL) == []


def test_few_calls_tell_nothing() -> None:
    assert advice.about(WELL._replace(counts=Counts("add", calls=2, people=1, by_models=2, succeeded=1, failed=1))) == []


def test_a_critical_tool_is_always_asked_about_and_that_is_right() -> None:
    assert advice.always_allowed(used(asked=50)._replace(risk=Risk.CRITICAL)) == ""
