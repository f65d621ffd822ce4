"""Who is signed in: the operator or a person, and which pages their rights offer them."""

from dataclasses import dataclass

OPERATOR = "operator"
OF_POSTS = frozenset({
    "answer_finding", "assess_unit", "confirm_decision", "consent", "inspect", "propose_decision", "raise_finding",
    "read", "read_own_evidence", "review", "review_finding", "see_inbox", "set_reminders",
})  # fmt: skip
"""Rights of posts and persons alone (services/registry/rights.py): the operator has none of them."""
OWN = "own"
"""Pages of every person, of their own things."""
SYSTEM = "system"
"""Pages of the operator alone."""


@dataclass(frozen=True)
class Post:
    """A post in force of the person."""

    post: str
    unit_id: str
    unit_name: str
    unit_kind: str = ""


@dataclass(frozen=True)
class Profile:
    """What the registry answers of a person: name, posts and rights.  Services judge each request anew."""

    name: str = ""
    posts: tuple[Post, ...] = ()
    rights: frozenset[str] = frozenset()
    known: bool = True


@dataclass(frozen=True)
class User:
    """A signed-in user.  `must_change`: the password is a one-time one, nothing else is open before it is changed."""

    account_id: str
    sign_in_name: str
    session_id: str = ""
    must_change: bool = False
    has_second_step: bool = False
    signed_in_by: str = ""
    profile: Profile = Profile()

    @property
    def is_operator(self) -> bool:
        return self.account_id == OPERATOR

    @property
    def roles(self) -> tuple[str, ...]:
        """What stands in the tokens that are signed for them; posts are facts that the services look up."""
        return (OPERATOR,) if self.is_operator else ("person",)

    @property
    def display_name(self) -> str:
        return "运维" if self.is_operator else self.profile.name or self.sign_in_name

    def may(self, right: str) -> bool:
        """Whether a page of this right is offered."""
        if right in (OWN, SYSTEM):
            return self.is_operator == (right == SYSTEM)
        return (self.is_operator and right not in OF_POSTS) or right in self.profile.rights
