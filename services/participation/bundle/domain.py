"""Decider of bundles: each is made once.  Pure."""

from dataclasses import dataclass

from chassis.events.definition import Event
from chassis.store.decider import Decider
from contracts.bundles import BundleMade


@dataclass(frozen=True)
class RecordBundle:
    """A bundle was completed."""

    bundle_id: str
    unit_id: str
    semester: str
    manifest_sha256: str
    documents: int

    @property
    def stream(self) -> str:
        return f"bundle-{self.bundle_id}"


def decide_bundle(is_known: bool, command: RecordBundle) -> list[Event]:
    return [] if is_known else [BundleMade(**vars(command))]


def evolve_bundle(_: bool, __: Event) -> bool:
    return True


BUNDLES = Decider(bool, decide_bundle, evolve_bundle)
