"""Events of participation on bundles (印证资料包): what was handed out of a unit's evidence, and its hash."""

from chassis.events.definition import Event, event, meaning


@event("participation.bundle_made", label="印证资料包生成")
class BundleMade(Event):
    """A unit's file of one semester was made; its manifest's hash stands in the log, and so in every later head."""

    bundle_id: str = meaning("the bundle")
    unit_id: str = meaning("the unit")
    semester: str = meaning("the semester's id")
    manifest_sha256: str = meaning("SHA-256 of its manifest.json, which names every file with its hash")
    documents: int = meaning("how many files of evidence are in it")

    @property
    def stream(self) -> str:
        return f"bundle-{self.bundle_id}"
