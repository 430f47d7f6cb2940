"""Texts with code in them and what is code there, for all who show questions: mails, the page, the terminal."""

from __future__ import annotations

# A text, and its blocks: what is prose and what is code.
BLOCKS: list[tuple[str, list[tuple[str, str]]]] = [
    ("plain", [("prose", "plain")]),
    ("before\n```\ncode\n```\nafter", [("prose", "before"), ("code", "code"), ("prose", "after")]),
    ("```c\nint  x;\n```", [("code", "int  x;")]),
    ("~~~\n```\n~~~", [("code", "```")]),
    ("~~~ a`b\ncode\n~~~", [("code", "code")]),
    # A language with a backtick is inline code, and no fence.
    ("```a`b\nprose", [("prose", "```a`b\nprose")]),
    ("   ```\ncode\n   ```\nprose", [("code", "code"), ("prose", "prose")]),
    ("    ```\nprose", [("prose", "    ```\nprose")]),
    # Two marks are too few, and the end needs as many as the beginning.
    ("``\nprose\n``", [("prose", "``\nprose\n``")]),
    ("````\n```\n````\nprose", [("code", "```"), ("prose", "prose")]),
    ("```\ncode\n`````\nprose", [("code", "code"), ("prose", "prose")]),
    ("```\ncode\n~~~\nstill code\n```", [("code", "code\n~~~\nstill code")]),
    ("```\ncode\n``` not the end\n```", [("code", "code\n``` not the end")]),
    ("```\nno end\n\nstill code", [("code", "no end\n\nstill code")]),
    ("```\none\n```\n```\ntwo\n```", [("code", "one"), ("code", "two")]),
]

# A text, and its parts: what is prose and what is inline code.
INLINE: list[tuple[str, list[tuple[str, str]]]] = [
    ("plain", [("prose", "plain")]),
    ("the `ls -l` command", [("prose", "the "), ("code", "ls -l"), ("prose", " command")]),
    ("`a``b`", [("code", "a``b")]),
    ("``a ` b``", [("code", "a ` b")]),
    ("`one` and `two`", [("code", "one"), ("prose", " and "), ("code", "two")]),
    ("never `closed", [("prose", "never `closed")]),
    ("``a` `b`", [("prose", "``a"), ("code", " "), ("prose", "b`")]),
    ("`not\nover lines`", [("prose", "`not\nover lines`")]),
    ("`a\n`b` c", [("prose", "`a\n"), ("code", "b"), ("prose", " c")]),
]
