"""Signatures in texts: the sender's name in 【】, in front of the text or at its end."""

OPENING = "【"
CLOSING = "】"


def split_signature(text: str) -> tuple[str, str] | None:
    """Return the signature without its brackets and the text without its signature, or None without one.

    The front goes before the end; empty brackets are no signature.
    """
    if text.startswith(OPENING):
        signature, closing, body = text[1:].partition(CLOSING)
        if closing and signature and OPENING not in signature:
            return signature, body
    elif text.endswith(CLOSING):
        body, opening, signature = text[:-1].rpartition(OPENING)
        if opening and signature and CLOSING not in signature:
            return signature, body
    return None


def leading_signature(text: str) -> str | None:
    """Return the signature in front of the text or at its end, without its brackets."""
    signed = split_signature(text)
    return signed[0] if signed else None
