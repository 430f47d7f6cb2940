"""The images of a question bank, as files of a subject's folder `images`."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import unquote_to_bytes

from ansible_collections.training.test_time.plugins.module_utils.class_content.image_problems import WrongImage
from ansible_collections.training.test_time.plugins.module_utils.class_content.images import (
    Image,
    Images,
    image_of,
)

MAX_ALL_BYTES = 50_000_000
_EXTENSIONS = {"image/png": (".png",), "image/jpeg": (".jpg", ".jpeg"), "image/svg+xml": (".svg",)}
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST_STEM = 60
_DATA = re.compile(r"data:([^,]{0,200}),", re.IGNORECASE)
_REMOTE = re.compile(r"(?:https?:)?//", re.IGNORECASE)

# The content of a file of the bank by its address in a text; None if the bank does not have it.
FileIn = Callable[[str], bytes | None]


def no_files(_address: str) -> bytes | None:
    """The files of a bank that has none."""
    return None


def is_remote(address: str) -> bool:
    """Whether an address leads to the web."""
    return bool(_REMOTE.match(address))


@dataclass
class BankImages:
    """The images that texts of a bank show. `there`: those of the subject. `new`: by name, those to be written."""

    there: Images = field(default_factory=Images)
    new: dict[str, Image] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    _bytes: int = 0

    def name_of(self, address: str, file_in: FileIn) -> str:
        """The name of the file with the image at an address. Raises WrongImage."""
        content = _data(address) if _DATA.match(address) else file_in(address)
        if content is None:
            raise WrongImage("is not in the file")
        self._bytes += len(content)
        if self._bytes > MAX_ALL_BYTES:
            raise WrongImage(f"is too much: all images together have more than {MAX_ALL_BYTES // 1_000_000} MB")
        image = image_of(content)
        if image.id not in self._names:
            self._names[image.id] = self._add(shown_name(address), image)
        return self._names[image.id]

    def all(self) -> Images:
        """Those that the subject has, and the new ones."""
        return self.there.with_new(self.new)

    def _add(self, shown: str, image: Image) -> str:
        """The name of a file that has this image already, or else a new one."""
        extensions = _EXTENSIONS[image.published["type"]]
        stem = _UNSAFE.sub("-", PurePosixPath(shown).stem).strip("-_")[:_LONGEST_STEM] or "image"
        suffix = PurePosixPath(shown).suffix.lower()
        suffix = suffix if suffix in extensions else extensions[0]
        taken = {name.casefold(): name for name in [*self.there.files, *self.new]}
        number = 1
        while True:
            name = f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}"
            there = taken.get(name.casefold())
            if there is None:
                self.new[name] = image
                return name
            if there == name and self._has(name, image):
                return name
            number += 1

    def _has(self, name: str, image: Image) -> bool:
        try:
            found = self.new.get(name) or self.there.read(name)
        except WrongImage:
            return False
        return found is not None and found.id == image.id


def shown_name(address: str) -> str:
    """The name of the file at an address, for people."""
    if _DATA.match(address):
        return "in the text"
    path = re.split("[?#]", address, maxsplit=1)[0]
    name = unquote_to_bytes(path.rstrip("/").rpartition("/")[2]).decode(errors="replace")
    return " ".join(name.split())[:100] or "without a name"


def decoded_base64(text: str) -> bytes:
    """The content; empty if the text is not in base64."""
    try:
        return b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _data(address: str) -> bytes:
    header, _, data = address.partition(",")
    content = unquote_to_bytes(data)
    return decoded_base64(content.decode(errors="replace")) if header.lower().endswith(";base64") else content


def by_name(files: Mapping[str, bytes]) -> FileIn:
    """Files that are found by the last part of an address."""
    return lambda address: files.get(shown_name(address))
