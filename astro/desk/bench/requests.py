"""What a till sends, byte by byte: the two requests of a checkout, and a look-up."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from astro.desk.bench.population import CSRF, SESSION
from astro.kit.ids import id_text, new_uuid7

LINES = ("a", "b", "c")


def visit_body(visit: Mapping[str, Any], *, key: UUID | None = None, line_keys: Any = None) -> dict[str, Any]:
    """Three lines of one unit each, under keys made now."""
    now = datetime.now(UTC)
    return {
        "key": str(key or new_uuid7(now)),
        "occurred_at": now.isoformat(),
        "lines": [
            {
                "key": str(line_keys[place] if line_keys else new_uuid7(now)),
                "product_id": id_text(visit[f"product_{name}"]),
                "quantity": 1,
            }
            for place, name in enumerate(LINES)
        ],
    }


def finish_body(visit: Mapping[str, Any], *, visit_key: str, key: UUID | None = None) -> dict[str, Any]:
    """The reward is handed out as a product that the full card lists and that was not scanned as a purchase."""
    chosen = {
        "reward_id": id_text(visit["reward"]),
        "product_id": id_text(visit["product_a"]),
        "is_scanned": False,
    }
    return {"key": str(key or new_uuid7(datetime.now(UTC))), "visit": visit_key, "redemptions": [chosen]}


def visit_request(visit: Mapping[str, Any], body: Mapping[str, Any], *, host: str) -> bytes:
    return _post(f"/checkout/{visit['customer']}/visits/", visit, body, host=host)


def finish_request(visit: Mapping[str, Any], body: Mapping[str, Any], *, host: str) -> bytes:
    return _post(f"/checkout/{visit['customer']}/finish/", visit, body, host=host)


def look_up_request(text: str, *, session: int, host: str) -> bytes:
    """As the look-up box asks while somebody types."""
    path = f"/checkout/?q={quote(text)}"
    return f"GET {path} HTTP/1.1\r\n{_head(session, host)}Accept: */*\r\n\r\n".encode()


def _post(path: str, visit: Mapping[str, Any], body: Mapping[str, Any], *, host: str) -> bytes:
    sent = json.dumps(body, separators=(",", ":")).encode()
    head = (
        f"POST {path} HTTP/1.1\r\n{_head(visit['session'], host)}X-CSRFToken: {CSRF}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n\r\n"
    )
    return head.encode() + sent


def _head(session: int, host: str) -> str:
    return (
        f"Host: {host}\r\nCookie: astro_session={SESSION}{session}; astro_csrf={CSRF}\r\n"
        "HX-Request: true\r\nAccept-Encoding: gzip, deflate, br\r\n"
    )


def elapsed_ms(since: float) -> float:
    return (time.perf_counter() - since) * 1000
