"""Characters that could change how the text that contains them, or the text after it, is shown.

The functions use this for emails, the trainer's side for the emails of the local cloud. The page's `text.js` and
`bin/test-time.sh` have to repeat it; tests compare them with it for every Unicode character.

Each caller decides what replaces a harmful character.
"""

from __future__ import annotations

import re

# First and last code point of each range. Line feed and tab are not harmful; other line endings become line feeds.
CONTROLS = (
    (0x00, 0x08),  # they move a terminal's cursor and start its escape sequences
    (0x0B, 0x1F),
    (0x7F, 0x9F),  # including C1, the eight-bit control codes
)
HIDDEN = (
    (0x00AD, 0x00AD),  # soft hyphen
    (0x061C, 0x061C),  # bidirectional controls show text in another order: Unicode TR 9, and TR 36 on their abuse
    (0x180E, 0x180E),  # zero-width characters and tags hide text and make different words look alike: Unicode TR 36
    (0x200B, 0x200B),
    (0x200E, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0xFEFF, 0xFEFF),
    (0xFFF9, 0xFFFB),
    (0xE0000, 0xE007F),
)
# Not harmful: Persian, the scripts of India and emoji need them (Unicode TR 31, 2.3). The terminal client removes them
# nevertheless, because some terminals do not treat them as having no width.
JOINERS = ((0x200C, 0x200D),)


def _any_of(*ranges: tuple[int, int]) -> re.Pattern[str]:
    return re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges) + "]")


_LINE_END = re.compile("\r\n?|[\x85\u2028\u2029]")
_CONTROL = _any_of(*CONTROLS)
_HIDDEN = _any_of(*HIDDEN)
_HARMFUL = _any_of(*CONTROLS, *HIDDEN)


def harmless(text: str, mark: str = "") -> str:
    """`text` with `\\n` line endings, `mark` instead of each control character, and without hidden characters."""
    return _HIDDEN.sub("", _CONTROL.sub(mark, _LINE_END.sub("\n", text)))


def escaped(text: str) -> str:
    """`text` with `\\n` line endings and each harmful character shown as its number, such as `\\x1b`."""
    return _HARMFUL.sub(lambda found: f"\\x{ord(found[0]):02x}", _LINE_END.sub("\n", text))
