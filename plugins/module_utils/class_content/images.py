"""The images of a subject: files in its folder `images`, of which those that its tests show are read and published.

What a file is, its content says: its name may be wrong.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from unicodedata import normalize

from ..documents.yaml_lines import unreadable
from ..shared.documents import ImageType, PublishedImage
from .image_problems import WrongImage

MAX_IMAGE_BYTES = 500_000
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_KINDS = "a PNG, a JPEG or an SVG"


@dataclass(frozen=True)
class Image:
    """An image as it is published. The same content has the same ID."""

    id: str
    published: PublishedImage


@dataclass
class Images:
    """The images of a subject. `files`: by `file_name`."""

    files: Mapping[str, Path] = field(default_factory=dict)
    _read: dict[str, Image] = field(default_factory=dict)

    def read(self, name: str) -> Image | None:
        """The image in a file, None if there is none. Raises WrongImage."""
        name = file_name(name)
        if name not in self.files:
            return None
        if name not in self._read:
            self._read[name] = image_of(_content(self.files[name]))
        return self._read[name]

    def with_new(self, new: Mapping[str, Image]) -> Images:
        """These images, and some that are in no files yet, by name."""
        return Images({**self.files, **{name: Path(name) for name in new}}, {**self._read, **new})


@dataclass
class ShownImages:
    """The images that a test shows: those that were asked for, by ID."""

    images: Images
    shown: dict[str, PublishedImage] = field(default_factory=dict)

    def id_of(self, name: str) -> str | None:
        """The ID of the image in a file, None if there is none. Raises WrongImage."""
        image = self.images.read(name)
        if image is None:
            return None
        self.shown[image.id] = image.published
        return image.id


def file_name(name: str) -> str:
    """A file's name in the form in which names are compared: some systems take letters with accents apart."""
    return normalize("NFC", name)


def image_of(content: bytes) -> Image:
    """The image with this content. Raises WrongImage."""
    if len(content) > MAX_IMAGE_BYTES:
        raise WrongImage(f"is larger than {MAX_IMAGE_BYTES // 1000} KB; make it smaller")
    if content.startswith(_PNG):
        return _image("image/png", content)
    if content.startswith(_JPEG):
        return _image("image/jpeg", content)
    if b"<svg" in content or b":svg" in content:
        from .svg import harmless_svg  # noqa: PLC0415  # only for who needs it

        return _image("image/svg+xml", harmless_svg(content))
    raise WrongImage(f"is not {_KINDS}, whatever its name says")


def _image(kind: ImageType, content: bytes) -> Image:
    published: PublishedImage = {"type": kind, "data": b64encode(content).decode()}
    return Image(sha256(content).hexdigest()[:16], published)


def _content(path: Path) -> bytes:
    try:
        if not path.is_file():  # reading a pipe or a device might never end
            raise WrongImage("is not a file")
        with path.open("rb") as file:
            return file.read(MAX_IMAGE_BYTES + 1)
    except OSError as error:
        raise WrongImage(unreadable(error)) from error
