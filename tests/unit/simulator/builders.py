"""Segments as a carrier takes them, with one visible difference."""

from typing import Any

from hongyan.simulator.behaviour import DELIVERED
from hongyan.simulator.outcome import ReportCode
from hongyan.simulator.reading import Coding
from hongyan.simulator.segment import Segment
from hongyan.simulator.user_data import Concatenation

NOW = 1_795_000_000.0


def a_segment(text: str = "【鸿雁】您的验证码是482913", **changes: Any) -> Segment:
    """Return a segment that was taken at NOW and rang a quarter of a second later."""
    fields: dict[str, Any] = {
        "carrier": "mobile",
        "login": "910001",
        "link": 1,
        "sequence": 7,
        "message_id": 13511026212694131666,
        "number": 8613800138000,
        "destination": "13800138000",
        "sender": "106900001",
        "service": "",
        "coding": Coding.UCS2,
        "content": text.encode("utf-16-be"),
        "concatenation": None,
        "behaviour": DELIVERED,
        "code": ReportCode("DELIVRD"),
        "reports_due": 1,
        "expires_at": NOW + 3600,
        "submitted_at": NOW,
        "rang_at": NOW + 0.25,
    }
    return Segment(**{**fields, **changes})


def a_part(part: int, total: int, text: str, *, reference: int = 7, **changes: Any) -> Segment:
    """Return one part of a longer text."""
    return a_segment(text, concatenation=Concatenation(8, reference, total, part), **changes)
