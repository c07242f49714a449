"""What came out, as a table that a person reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]

CHECKOUT = {
    "clients": "clients",
    "checkouts_per_s": "checkouts/s",
    "floor_per_s": "floor/s",
    "ratio_to_floor": "ratio",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "errors": "errors",
    "statements_per_checkout": "statements",
    "app_cpu_ms": "app CPU ms",
    "db_cpu_ms": "db CPU ms",
    "floor_cpu_ms": "floor CPU ms",
    "cpu_ratio": "CPU ratio",
    "redemptions": "redemptions",
}
LOOK_UP = {
    "engine": "engine",
    "customers": "customers",
    "question": "question",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "floor_p50_ms": "floor p50 ms",
    "floor_p99_ms": "floor p99 ms",
    "ratio_to_floor": "ratio",
    "errors": "errors",
}
UPLOAD = {
    "engine": "engine",
    "list": "list",
    "rows": "rows",
    "mb": "MB",
    "received_s": "received s",
    "checked_s": "checked s",
    "added_s": "added s",
    "added_cpu_s": "of it CPU s",
    "rows_written": "rows written",
    "floor_s": "floor s",
    "ratio_to_floor": "ratio",
    "memory_before_mb": "memory before MB",
    "memory_peak_mb": "at most MB",
}


def checkout_report(rows: Sequence[Row]) -> str:
    lines = [table(rows, CHECKOUT)]
    for row in rows:
        if row.get("retry_ratio") is not None:
            lines += [
                "",
                f"{row['clients']} clients sending visits again that stand: {row['retries_per_s']:,} a second, "
                f"{row['retry_ratio']} times as many as new ones.",
                f"{row['clients']} clients on one customer: {row['one_customer_per_s']:,} a second, "
                f"{row['one_customer_ratio']} of the rate on many.",
            ]
    if rows and rows[0].get("statements_per_redeeming_checkout"):
        count = rows[0]["statements_per_redeeming_checkout"]
        lines += ["", f"A checkout with a redemption (both requests) takes {count} statements."]
    if rows and rows[0].get("disagreements") is not None:
        lines += ["", f"astro verify finds {rows[0]['disagreements']:,} disagreements afterwards."]
    return "\n".join([*lines, *_problems(rows)])


def look_up_report(rows: Sequence[Row]) -> str:
    return "\n".join([table(rows, LOOK_UP), *_problems(rows)])


def upload_report(rows: Sequence[Row]) -> str:
    return table(rows, UPLOAD)


def profile_report(found: Row) -> str:
    """Parts first, then single functions."""
    lines = [
        f"One checkout: {found['cpu_ms']:.2f} ms CPU, {found['wall_ms']:.2f} ms in all, "
        f"{found['database_ms']:.2f} ms of it in the driver and the database.",
        "",
        *(f"{share:7.1%}  {part}" for part, share in found["parts"].items()),
    ]
    for title, rows in (("Functions by their own time", found["top"]), ("Ours, with what they call", found["ours"])):
        lines += ["", f"{title} (own ms, whole ms, under the profiler)"]
        lines += [f"{own:8.3f} {whole:8.3f}  {name}" for name, own, whole in rows]
    return "\n".join(lines)


def table(rows: Sequence[Row], columns: Mapping[str, str]) -> str:
    """Columns as wide as what stands in them; numbers to the right."""
    cells = [list(columns.values()), *([_cell(row.get(key)) for key in columns] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in cells)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _problems(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        for sample in row.get("error_samples", []):
            yield f"Error: {sample}"
