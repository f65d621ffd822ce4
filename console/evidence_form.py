"""Files of a form (macros/files.html): with script the form bears ids of files that are uploaded already; without it
the files themselves, which are handed on here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request

from console.evidence_upload import send_file
from console.file_forms import files_of
from console.file_words import is_asked, type_names
from console.users import User
from console.write_client import remember_positions

MOST_BYTES = 512 * 1024**2
"""For `@takes_files(MOST_BYTES)`: of one form with its files."""
LATER: Mapping[str, Any] = {"min": 0, "max": 50, "types": ()}
"""What is put to a record after it was filed: paper lists, scanned."""
LONGEST_ABOUT = 400


@dataclass(frozen=True)
class FormFiles:
    """The files of one field: `kept` as the macro shows them again, `problems` of those that were refused, in words."""

    kept: Sequence[Mapping[str, str]] = ()
    problems: Sequence[str] = field(default_factory=tuple)

    @property
    def contents(self) -> list[str]:
        """What a filing names."""
        return [each["content"] for each in self.kept]

    @property
    def message(self) -> str:
        return " ".join(self.problems)


def files_of_form(
    user: User, name: str, unit_id: str = "", person_id: str = "", *, private: bool = False, types: Sequence[str] = (),
    originals_of: str = "",
) -> FormFiles:  # fmt: skip
    """Files of the field `name` as its form bears them: those that it names, without those to be removed, then those
    that it sends, uploaded for the unit (or person) now.  `types`: those of the kind's evidence; `originals_of`: the
    kind, where it asks for photos as they are."""
    about = {"unit_id": unit_id, "person_id": person_id, "private": "1" if private else "", "kind": originals_of}
    removed = set(request.form.getlist(f"{name}-remove"))
    named = dict(_parse_attached(text) for text in request.form.getlist(f"{name}-about"))
    contents = dict.fromkeys(each.strip()[:64] for each in request.form.getlist(name) if each.strip())
    kept = [
        named.get(each) or {"content": each, "name": "", "media_type": ""} for each in contents if each not in removed
    ]
    problems = []
    for file in files_of(f"{name}-files"):
        response = send_file(user, file, about | {"filename": file.name})
        media_type, content = (str(response.body.get(key) or "") for key in ("media_type", "content"))
        if not response.ok:
            problems.append(f"{file.name[:80]}：{response.detail or '没有上传成功，请再试一次。'}")
        elif not is_asked(media_type, types):
            problems.append(f"{file.name[:80]}：请交{type_names(types)}。")
        elif content not in {each["content"] for each in kept}:
            kept.append({"content": content, "name": file.name, "media_type": media_type})
            remember_positions(response)
    return FormFiles(kept, problems)


def _parse_attached(text: str) -> tuple[str, dict[str, str]]:
    """`CONTENT MEDIA-TYPE NAME`, which the form carries along so that it can be shown again."""
    content, _, rest = text[:LONGEST_ABOUT].partition(" ")
    media_type, _, name = rest.partition(" ")
    return content, {"content": content, "name": name, "media_type": media_type}
