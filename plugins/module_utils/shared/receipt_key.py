"""What the digests in a student's receipts are made with. Whoever lacks it cannot guess the answers from a digest."""

from __future__ import annotations

import hmac


def receipt_key(api_key: str) -> str:
    """The receipt key of the student who has `api_key`. A student whose API key is replaced keeps the first one's.

    It does not give the API key away.
    """
    return hmac.digest(api_key.encode("utf-8", "surrogatepass"), b"receipts", "sha256").hex()
