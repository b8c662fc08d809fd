"""
Lists of hours as other programs export them, read exactly: Toggl, Clockify, Harvest, Tempo, Kimai, any CSV or XLSX.

`read_grid()` makes rows of texts out of bytes, `suggest()` names the column of each field, `read_rows()` reads them.
"""

from plugins.timesheets.reading.columns import FIELDS, Layout, Mapping, signature, suggest
from plugins.timesheets.reading.days import DateOrder
from plugins.timesheets.reading.grid import Grid, read_grid
from plugins.timesheets.reading.rows import Options, ReadEntry, RowProblem, order_of, read_rows

__all__ = [
    "FIELDS",
    "DateOrder",
    "Grid",
    "Layout",
    "Mapping",
    "Options",
    "ReadEntry",
    "RowProblem",
    "order_of",
    "read_grid",
    "read_rows",
    "signature",
    "suggest",
]
