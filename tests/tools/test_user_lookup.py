"""Looking up people: colleagues are found, strangers and suspended people are not."""

from accounts.models import Group, Membership, User
from tests.tools.calling import call, data


async def found(person: User, query: str) -> list[str]:
    return [one["email"] for one in (await data(person, "user_lookup", query=query))["people"]]


async def test_a_colleague_is_found_by_name_and_address_with_their_groups(alice: User, bob: User) -> None:
    await User.objects.filter(pk=bob.pk).aupdate(name="Robert O'Brien")
    group = await Group.objects.acreate(tenant=bob.tenant, name="Night shift")
    await Membership.objects.acreate(group=group, person=bob)
    for query in ("robert", "o'brien ROBERT", bob.email, bob.email.upper(), bob.email.split("@")[0], "bob-"):
        assert (await data(alice, "user_lookup", query=query))["people"] == [
            {"name": "Robert O'Brien", "email": bob.email, "groups": ["Night shift"]}
        ], query


async def test_a_stranger_and_a_suspended_person_are_not_found(alice: User, bob: User, charlie: User) -> None:
    for query in (charlie.email, "charlie", "%%", "__", "\\\\", "  ", "'; DROP TABLE accounts_user; --"):
        assert await found(alice, query) == [], query
    assert await found(charlie, bob.email) == []
    await User.objects.filter(pk=bob.pk).aupdate(is_active=False)
    assert await found(alice, bob.email) == []
    assert charlie.email not in (await call(alice, "user_lookup", query="@example.test")).text


async def test_a_long_list_is_cut(alice: User) -> None:
    await User.objects.abulk_create(User(email=f"crowd{n}-{alice.email}", tenant=alice.tenant) for n in range(12))
    shown = await data(alice, "user_lookup", query="crowd")
    assert len(shown["people"]) == 10
    assert shown["more"]
