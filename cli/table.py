"""A table for the terminal."""

from __future__ import annotations


def as_table(rows: list[list[str]]) -> str:
    """Each column is as wide as its widest cell; the first row is the header. Numbers are aligned to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    numeric = [all(row[column].replace(".", "", 1).isdigit() for row in rows[1:]) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, numeric, strict=True)
        ).rstrip()
        for row in rows
    )
