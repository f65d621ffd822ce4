"""The pictures of a document, converted; those that cannot be converted are counted as left out."""

import base64

from services.publicity.rendering.manuscript import Block
from services.publicity.rendering.manuscript_losses import LeftOut
from services.publicity.rendering.word.package import Target, WordPackage
from services.reading import pictures

MOST_PICTURES = 20


class Pictures:
    """Each reference to a picture gives one, even if several refer to the same part."""

    def __init__(self, package: WordPackage, left_out: LeftOut) -> None:
        self._package, self._left_out = package, left_out
        self._ready: dict[str, Block | None] = {}
        self._shown = 0

    def block(self, target: Target | None) -> Block | None:
        if target is not None and target.external:
            self._left_out.add("picture_linked")
            return None
        if self._shown >= MOST_PICTURES:
            self._left_out.add("pictures_over", str(MOST_PICTURES))
            return None
        block = self._clean_picture(target.part) if target is not None else None
        if target is None:
            self._left_out.add("picture_broken")
        self._shown += block is not None
        return block

    def _clean_picture(self, part: str) -> Block | None:
        if part in self._ready and self._ready[part] is not None:
            return self._ready[part]
        content = self._package.read(part)
        self._ready[part] = None
        if content is None:
            self._left_out.add("picture_broken")
            return None
        try:
            picture = base64.b64encode(pictures.cleaned(content)).decode()
        except pictures.BadPicture as error:
            kind = {"picture_format": "picture_format", "too_many_pixels": "picture_large"}
            self._left_out.add(kind.get(str(error), "picture_broken"), error.detail)
            return None
        if pictures.has_more_frames(content):
            self._left_out.add("frames")
        self._ready[part] = Block("picture", picture=picture)
        return self._ready[part]
