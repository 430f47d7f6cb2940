"""A test in Markdown, published: a table, lists, formulas, links, a picture, and what must stay text."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from ansible_collections.training.test_time.plugins.module_utils.class_content.formatted_test import TextReader

IMAGE = "0123456789abcdef"
_TREE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 120" width="300" height="120" fill="none" stroke="#000">'
    '<path d="M150 40L80 80M150 40L220 80"/><rect x="110" y="10" width="80" height="30"/>'
    '<rect x="40" y="80" width="80" height="30"/><rect x="180" y="80" width="80" height="30"/></svg>'
)
DRAWING = {"type": "image/svg+xml", "data": b64encode(_TREE.encode()).decode()}
WIDE_FORMULA = r"\sum_{i=1}^{n} \frac{a_i + b_i + c_i + d_i}{e_i + f_i + g_i} = " + " + ".join(
    f"x_{{{n}}}" for n in range(20)
)
TEXT = rf"""Which **system call** is meant?
It makes a *new* process; see [fork(2)](https://man7.org/linux/man-pages/man2/fork.2.html) and `man fork`.

| call | result in the child | result in the parent | declared in |
|---|---|---|---|
| `fork` | $0$ | $n > 0$ | `<unistd.h>` |
| `exec` | *none* | | `<unistd.h>` |

1. It returns twice.
2. The child has
   - its own memory
   - the same open files

```c
pid_t child = fork();
```

![A parent with two children](tree.png)

The inline formula $\frac{{1}}{{2}}$ and a long one $x_1 + x_2 + x_3 + x_4 + x_5 + x_6 + x_7 + x_8 + x_9 = 0$:

$${WIDE_FORMULA}$$
"""
HOSTILE = [
    "<img src=x onerror=\"document.title='owned'\">",
    "<script>document.title = 'owned'</script>",
    "![<svg onload=document.title='owned'>](tree.png)",
    "[<b>bold</b>](https://example.org/?a=\"onclick=\"document.title='owned')",
    r"$\text{<img src=x onerror=document.title='owned'>}$",
]
READER = TextReader(math=True, image_id=lambda file: IMAGE if file == "tree.png" else None)


def formatted(*texts: str) -> list[dict[str, Any]]:
    """Published questions with these texts; each is also the first of two options."""
    return [
        {
            "number": number,
            **READER.rendition(text),
            "options": [{"id": "a", **READER.rendition(text)}, {"id": "b", **READER.rendition("neither *a*")}],
        }
        for number, text in enumerate(texts, 1)
    ]
