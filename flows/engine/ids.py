"""Identifiers."""

import os
import time
import uuid


def new_id() -> str:
    """A UUID of version 7: time-ordered for the database's sake, 74 bits of it unguessable (RFC 9562)."""
    random = int.from_bytes(os.urandom(10), "big")
    value = (time.time_ns() // 1_000_000) << 80 | 0x7 << 76 | (random >> 68 & 0xFFF) << 64
    return str(uuid.UUID(int=value | 0b10 << 62 | random & (1 << 62) - 1))
