"""How a module fails if a publication has to be confirmed first."""

from __future__ import annotations

from typing import Any

from .losses import Losses

_HOW = "To publish anyway, set class_content_confirmed to {token}, which confirms exactly this, or to yes"


def stop_unless_confirmed(module: Any, losses: Losses | None) -> None:
    """Fail if there are losses and the module's option `confirmed` is not about them.

    The result's `losses` and `confirm` are for the scripts, which ask and then start again with this token.
    """
    if losses is not None and not losses.confirmed_by(module.params["confirmed"]):
        message = "\n".join([*losses.lines, f"Nothing was changed. {_HOW.format(token=losses.token)}"])
        module.fail_json(msg=message, losses=losses.lines, confirm=losses.token)
