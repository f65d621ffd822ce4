"""Files of a form (macros/files.html): with script the form bears ids of files that are uploaded already; without it
the files themselves, which are handed on here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from console.components import components
from console.evidence_upload import send_file
from console.file_words import is_asked, type_names
from console.users import User

MOST_BYTES = 512 * 1024**2
"""Of one form with its files; waitress and the parser keep them on the disk, not in memory."""
MOST_TEXT_BYTES, MOST_PARTS = 1024**2, 10_000
LONGEST_ABOUT = 400
View = TypeVar("View", bound=Callable[..., Any])
_MARK = "takes_files"


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


def takes_files(view: View) -> View:
    """Decorator of a view whose form may bear files: whoever is signed in may send it more than other forms."""
    setattr(view, _MARK, True)
    return view


def allow_files() -> ResponseReturnValue | None:
    """Before anything reads the form.  Who is not signed in sends nothing: the body stays unread."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method != "POST" or not getattr(view, _MARK, False):
        return None
    if components().sessions.user(counts_as_use=False) is None:
        return redirect(url_for("signin.form"), 303)
    request.max_content_length = min(MOST_BYTES, components().settings.upload_limit)
    request.max_form_memory_size, request.max_form_parts = MOST_TEXT_BYTES, MOST_PARTS
    return None


def files_of_form(
    user: User, name: str, unit_id: str = "", person_id: str = "", *, private: bool = False, types: Sequence[str] = ()
) -> FormFiles:
    """Files of the field `name` as its form bears them: those that it names, without those to be removed, then those
    that it sends, uploaded for the unit (or person) now.  `types`: those of the kind's evidence."""
    removed = set(request.form.getlist(f"{name}-remove"))
    named = dict(_about(text) for text in request.form.getlist(f"{name}-about"))
    contents = dict.fromkeys(each.strip()[:64] for each in request.form.getlist(name) if each.strip())
    kept = [
        named.get(each) or {"content": each, "name": "", "media_type": ""} for each in contents if each not in removed
    ]
    problems = []
    for file in request.files.getlist(f"{name}-files"):
        if file.filename:
            about = {
                "filename": file.filename,
                "unit_id": unit_id,
                "person_id": person_id,
                "private": "1" if private else "",
            }
            response = send_file(user, file.stream, _length(file), about)
            media_type = str(response.body.get("media_type") or "")
            if not response.ok:
                problems.append(f"{file.filename[:80]}：{response.detail or '没有上传成功，请再试一次。'}")
            elif not is_asked(media_type, types):
                problems.append(f"{file.filename[:80]}：请交{type_names(types)}。")
            elif response.body["content"] not in {each["content"] for each in kept}:
                kept.append(
                    {"content": str(response.body["content"]), "name": file.filename[-200:], "media_type": media_type}
                )
    return FormFiles(kept, problems)


def _about(text: str) -> tuple[str, dict[str, str]]:
    """`CONTENT MEDIA-TYPE NAME`, which the form carries along so that it can be shown again."""
    content, _, rest = text[:LONGEST_ABOUT].partition(" ")
    media_type, _, name = rest.partition(" ")
    return content, {"content": content, "name": name, "media_type": media_type}


def _length(file: FileStorage) -> int:
    end = file.stream.seek(0, 2)
    file.stream.seek(0)
    return end
