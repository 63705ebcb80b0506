"""Who may, and what stands in the way, case by case."""

from dataclasses import replace

import pytest

from app.hubs.rules import LendingPolicy
from app.lending import policy
from app.lending.policy import Actor, Parties, Standing, Wanted

GOOD = Standing(
    email_confirmed=True,
    membership="verified",
    verified_elsewhere=False,
    suspended_somewhere=False,
    late=0,
    holding=0,
    inductions=(),
)
AT_HUB = Wanted(active=True, at_hub=True, induction=None)
AT_HOME = Wanted(active=True, at_hub=False, induction=None)


def words(standing: Standing, wanted: Wanted = AT_HUB, **changes: object) -> list[str]:
    return [b.word for b in policy.blockers(standing, wanted, LendingPolicy.with_changes(changes))]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"email_confirmed": False}, ["email_unconfirmed"]),
        ({"membership": None}, ["not_member", "not_verified"]),
        ({"membership": "pending"}, ["not_verified"]),
        ({"membership": "suspended"}, ["suspended"]),
        ({"suspended_somewhere": True}, []),
        ({"late": 2}, ["overdue_elsewhere"]),
        ({"holding": 4}, []),
        ({"holding": 5}, ["too_many"]),
    ],
)
def test_standing_at_a_hub(change: dict, found: list[str]) -> None:
    assert words(replace(GOOD, **change)) == found


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"membership": None}, []),
        ({"membership": "pending"}, []),
        ({"suspended_somewhere": True}, ["suspended"]),
        ({"email_confirmed": False, "late": 1}, ["email_unconfirmed", "overdue_elsewhere"]),
        ({"holding": 5}, ["too_many"]),
    ],
)
def test_standing_towards_a_neighbour(change: dict, found: list[str]) -> None:
    assert (
        words(
            replace(GOOD, membership=None, **{k: v for k, v in change.items() if k != "membership"}), AT_HOME
        )
        == found
    )


@pytest.mark.parametrize(
    ("membership", "elsewhere", "accepts", "required", "found"),
    [
        ("pending", True, False, True, ["not_verified"]),
        ("pending", True, True, True, []),
        ("pending", False, True, True, ["not_verified"]),
        ("pending", False, False, False, []),
        (None, True, True, True, ["not_member"]),
        (None, False, False, False, ["not_member"]),
        ("suspended", True, True, True, ["suspended"]),
    ],
)
def test_each_hub_verifies_for_itself_unless_it_says_otherwise(
    membership: str | None, elsewhere: bool, accepts: bool, required: bool, found: list[str]
) -> None:
    standing = replace(GOOD, membership=membership, verified_elsewhere=elsewhere)
    assert words(standing, accepts_other_hubs=accepts, verification_required=required) == found


def test_all_reasons_at_once() -> None:
    standing = Standing(False, "pending", False, False, 1, 9, ())
    wanted = Wanted(active=False, at_hub=True, induction="Scie", deposit_open_cents=4000)
    assert words(standing, wanted) == [
        "item_inactive", "email_unconfirmed", "not_verified", "overdue_elsewhere", "too_many",
        "induction_missing", "deposit_due",
    ]  # fmt: skip


def test_induction_opens_what_needs_showing() -> None:
    wanted = Wanted(active=True, at_hub=True, induction="Scie")
    assert words(GOOD, wanted) == ["induction_missing"]
    assert words(replace(GOOD, inductions={"Scie"}), wanted) == []


@pytest.mark.parametrize(
    ("word", "volunteer", "coordinator"),
    [
        ("overdue_elsewhere", True, True),
        ("too_many", True, True),
        ("deposit_due", True, True),
        ("induction_missing", False, True),
        ("not_verified", False, True),
        ("suspended", False, False),
        ("not_member", False, False),
        ("email_unconfirmed", False, False),
        ("item_inactive", False, False),
    ],
)
def test_who_may_pass_over_what(word: str, volunteer: bool, coordinator: bool) -> None:
    blocker = policy.Blocker(f"lending.{word}", False)
    for roles, may in (
        (("volunteer",), volunteer),
        (("volunteer", "organizer", "coordinator"), coordinator),
        ((), False),
    ):
        met = policy.for_roles(blocker, roles)
        assert met.overridable is may
        assert (policy.left_over([met], [word]) == []) is may
        assert policy.left_over([met], []) == [met]


BORROWER, OWNER, STRANGER = Actor(1), Actor(2), Actor(3)
VOLUNTEER, COORDINATOR = Actor(4, ("volunteer",)), Actor(5, ("volunteer", "organizer", "coordinator"))
AT_THE_HUB = Parties(1, None, 9, "checked_out")
BETWEEN = Parties(1, 2, None, "checked_out")


@pytest.mark.parametrize(
    ("actor", "sees", "answers", "renews", "decides"),
    [
        (BORROWER, True, False, True, False),
        (VOLUNTEER, True, False, True, False),
        (COORDINATOR, True, False, True, True),
        (STRANGER, False, False, False, False),
    ],
)
def test_people_of_a_hub_s_loan(actor: Actor, sees: bool, answers: bool, renews: bool, decides: bool) -> None:
    assert policy.sees(AT_THE_HUB, actor) is sees
    assert (not policy.why_not_answer(AT_THE_HUB, actor)) is answers
    assert (not policy.why_not_renew(AT_THE_HUB, actor)) is renews
    assert (not policy.why_not_decide(AT_THE_HUB, actor)) is decides


@pytest.mark.parametrize(
    ("actor", "answers", "renews", "decides", "hands"),
    [
        (BORROWER, False, True, False, True),
        (OWNER, True, False, True, True),
        (STRANGER, False, False, False, False),
    ],
)
def test_people_of_a_neighbours_loan(
    actor: Actor, answers: bool, renews: bool, decides: bool, hands: bool
) -> None:
    assert (not policy.why_not_answer(BETWEEN, actor)) is answers
    assert (not policy.why_not_renew(BETWEEN, actor)) is renews
    assert (not policy.why_not_decide(BETWEEN, actor)) is decides
    assert (not policy.why_not_hand_over(BETWEEN, actor)) is hands


@pytest.mark.parametrize(
    ("status", "actor", "given", "back_given", "found"),
    [
        ("requested", BORROWER, False, False, {"cancel", "change_days"}),
        ("requested", OWNER, False, False, {"approve", "decline"}),
        ("reserved", BORROWER, False, False, {"cancel", "change_days", "receive"}),
        ("reserved", OWNER, False, False, {"cancel", "give"}),
        ("reserved", BORROWER, True, False, {"receive", "contest_give"}),
        ("reserved", OWNER, True, False, set()),
        ("checked_out", BORROWER, True, False, {"renew", "bring_back"}),
        ("checked_out", OWNER, True, False, {"take_back"}),
        ("checked_out", OWNER, True, True, {"take_back", "contest_back"}),
        ("checked_out", BORROWER, True, True, {"renew"}),
        ("returned", BORROWER, True, True, set()),
        ("reserved", STRANGER, False, False, set()),
    ],
)
def test_acts_between_neighbours(
    status: str, actor: Actor, given: bool, back_given: bool, found: set[str]
) -> None:
    people = replace(BETWEEN, status=status)
    assert policy.acts(people, actor, given=given, back_given=back_given, renewable=True) == found


def test_acts_at_a_hub() -> None:
    for actor, status, found in (
        (BORROWER, "reserved", {"cancel", "change_days"}),
        (VOLUNTEER, "reserved", {"cancel", "change_days"}),
        (BORROWER, "checked_out", {"renew"}),
        (STRANGER, "checked_out", set()),
    ):
        people = replace(AT_THE_HUB, status=status)
        assert policy.acts(people, actor, given=False, back_given=False, renewable=True) == found
    out = policy.acts(AT_THE_HUB, BORROWER, given=False, back_given=False, renewable=False)
    assert out == set()
