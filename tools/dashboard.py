"""Writes data/files/collection_dashboard.json: the spreadsheet dashboard, as few lines say what stands on it.

python3 -m tools.dashboard, after a change here. Standard library only, and the same file every time.
"""
import json
import pathlib
import uuid

TARGET = pathlib.Path(__file__).resolve().parent.parent / "data/files/collection_dashboard.json"
MODULE = "account_credit_collection"
WIDTH, GAP = 1000, 10
HALF = (WIDTH - GAP) // 2
ROW, TITLE = 23, 40
LATE = ["b30", "b60", "b90", "over"]
PALE, WARM, COOL = "#EFF6FF", "#FEF2F2", "#ECFDF5"
INK, TEAL = "#434343", "#01666B"
# Several companies may be ticked: what is added up is in the currency of the one that is worked in.
OWN = "amount_own"
# A global filter: its name, the model it chooses from, and the field of each of our models that it narrows.
AGED, COMING, MOVED, MONTHS = "collection.ageing", "collection.forecast", "collection.movement", "collection.snapshot"
FILTERS = {
    "Months": (None, {MOVED: "date", MONTHS: "month"}),
    "Segment": ("credit.segment", dict.fromkeys((AGED, COMING, MOVED, MONTHS), "segment_id")),
    "Collector": ("res.users", dict.fromkeys((AGED, COMING, MOVED, MONTHS), "collector_id")),
    "Country": ("res.country", dict.fromkeys((AGED, COMING, MOVED, MONTHS), "country_id")),
    "Company": ("res.company", dict.fromkeys((AGED, COMING, MOVED, MONTHS), "company_id")),
}
# The figures on top: name, model, domain, measure and its aggregate, colour of the box, and how the number is shown.
FIGURES = [
    ("Open", AGED, [], OWN, "sum", PALE, "FORMAT.LARGE.NUMBER({})"),
    ("Overdue", AGED, [["bucket", "in", LATE]], OWN, "sum", WARM, "FORMAT.LARGE.NUMBER({})"),
    ("Expected", COMING, [], OWN, "sum", COOL, "FORMAT.LARGE.NUMBER({})"),
    ("DSO (days)", MONTHS, [], "dso", "avg", PALE, "ROUND({},1)"),
    ("CEI (%)", MONTHS, [], "effectiveness", "avg", COOL, "ROUND({},1)"),
]
# The charts: title, model, domain, measure, groups, kind, stacked, place (row of the sheet, left or right, width), action.
CHARTS = [
    ("Overdue by segment", AGED, [["bucket", "in", LATE]], OWN, ["segment_id", "bucket"], "bar", True, (6, 0, HALF), "collection_ageing_action"),
    ("Expected by week", COMING, [], OWN, ["expected_on:week", "source"], "bar", True, (6, HALF + GAP, HALF), "collection_forecast_action"),
    ("What moved the receivables", MOVED, [], OWN, ["date:month", "kind"], "bar", True, (24, 0, WIDTH), "collection_movement_action"),
    ("DSO in days", MONTHS, [], "dso", ["month:month"], "line", False, (42, 0, HALF), "collection_snapshot_action"),
    ("Collection effectiveness (CEI) in percent", MONTHS, [], "effectiveness", ["month:month"], "line", False, (42, HALF + GAP, HALF), "collection_snapshot_action"),
]
CHART_ROWS = 16
TABLE_ROW = 60
TABLE_ROWS = 10


def key(name):
    """An id that is the same every time."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{MODULE}/{name}"))


def matching(model):
    """How the global filters narrow what is read of a model."""
    found = {}
    for name, (comodel, fields) in FILTERS.items():
        if model in fields:
            found[key(name)] = {"chain": fields[model], "type": "many2one" if comodel else "date", **({} if comodel else {"offset": 0})}
    return found


def global_filters():
    """The filters above the dashboard; the last twelve months to begin with."""
    return [{"id": key(name), "label": name, **({"type": "relation", "modelName": comodel, "defaultValueDisplayNames": []} if comodel else {
        "type": "date", "defaultValue": "last_12_months"})} for name, (comodel, _fields) in FILTERS.items()]


def pivot(number, name, model, domain, measure, aggregate, rows=()):
    """A question to the database."""
    return {"type": "ODOO", "id": str(number), "formulaId": str(number), "name": name, "model": model, "domain": domain, "context": {},
            "fieldMatching": matching(model), "columns": [], "rows": [{"fieldName": row} for row in rows],
            "measures": [{"id": f"{measure}:{aggregate}", "fieldName": measure, "aggregator": aggregate, **({"userDefinedName": "Overdue"} if rows else {})}],
            "sortedColumn": {"measure": f"{measure}:{aggregate}", "order": "desc", "domain": []} if rows else None}


def pivots():
    """Those of the figures, and the customers who owe most."""
    found = {str(number): pivot(number, name, model, domain, measure, aggregate)
             for number, (name, model, domain, measure, aggregate, *_look) in enumerate(FIGURES, 1)}
    number = len(FIGURES) + 1
    found[str(number)] = pivot(number, "Customer", AGED, [["bucket", "in", LATE]], OWN, "sum", ["partner_id"])
    return found


def scorecard(number, name, colour):
    """A figure in a box."""
    width = (WIDTH - GAP * (len(FIGURES) - 1)) // len(FIGURES)
    return {"id": key(f"figure {name}"), "tag": "chart", "width": width, "height": 109, "col": 0, "row": 0, "offset": {"x": (number - 1) * (width + GAP), "y": 11},
            "data": {"type": "scorecard", "title": {"text": name, "color": INK, "bold": True}, "background": colour, "keyValue": f"Data!C{number}",
                     "baselineMode": "text", "baselineColorUp": "#00A04A", "baselineColorDown": "#DC6965",
                     "humanize": False, "chartId": key(f"figure {name}")}}


def chart(title, model, domain, measure, groups, kind, stacked, place, action):
    """A chart over a model of ours; a click on it opens the report."""
    row, left, width = place
    return {"id": key(f"chart {title}"), "tag": "chart", "width": width, "height": CHART_ROWS * ROW - GAP, "col": 0, "row": row + 1, "offset": {"x": left, "y": GAP},
            "data": {"type": f"odoo_{kind}", "title": {"text": title, "color": INK, "bold": True}, "background": "#FFFFFF",
                     "legendPosition": "top" if len(groups) > 1 else "none", "verticalAxisPosition": "left", "stacked": stacked, "dataSets": [{}],
                     **({"cumulatedStart": False, "fillArea": False} if kind == "line" else {}),
                     "metaData": {"groupBy": groups, "measure": measure, "order": None, "resModel": model, "mode": kind},
                     "searchParams": {"comparison": None, "context": {}, "domain": domain, "groupBy": groups, "orderBy": []},
                     "actionXmlId": f"{MODULE}.{action}", "chartId": key(f"chart {title}"), "fieldMatching": matching(model)}}


def link(title, model, kind="graph"):
    """A heading that opens the report behind it."""
    view = {"viewType": kind, "name": title, "threshold": 0, "action": {
        "domain": [], "context": {}, "modelName": model, "views": [[False, kind], [False, "list"], [False, "search"]]}}
    return f"[{title}](odoo://view/{json.dumps(view, separators=(',', ':'))})"


def headings():
    """The cells with headings: rows count from 0, cells from 1."""
    number = len(FIGURES) + 1
    return {"A7": link("Overdue and expected", AGED), "A25": link("Movements", MOVED), "A43": link("Trend", MONTHS),
            f"A{TABLE_ROW + 1}": link("Most overdue customers", AGED, "pivot"), f"A{TABLE_ROW + 2}": f"=PIVOT({number}, {TABLE_ROWS}, FALSE, FALSE)"}


def sheet(name, cells, **values):
    """A sheet with everything that a sheet has."""
    return {"id": key(f"sheet {name}"), "name": name, "colNumber": 26, "rowNumber": 100, "rows": {}, "cols": {}, "merges": [], "cells": cells, "styles": {},
            "formats": {}, "borders": {}, "conditionalFormats": [], "dataValidationRules": [], "figures": [], "tables": [], "areGridLinesVisible": True,
            "isVisible": True, "headerGroups": {"ROW": [], "COL": []}, "comments": {}, **values}


def front():
    """What is looked at."""
    heads, last = ("A7", "A25", "A43", f"A{TABLE_ROW + 1}"), TABLE_ROW + TABLE_ROWS + 2
    figures = [scorecard(number, figure[0], figure[5]) for number, figure in enumerate(FIGURES, 1)]
    return sheet(
        "Dashboard", headings(), colNumber=7, rowNumber=TABLE_ROW + TABLE_ROWS + 4, areGridLinesVisible=False,
        rows={str(int(cell[1:]) - 1): {"size": TITLE} for cell in heads},
        cols={str(number): {"size": size} for number, size in enumerate((225, 150, 100, 50, 225, 150, 100))},
        styles={**dict.fromkeys(heads, 1), f"A{TABLE_ROW + 2}:B{TABLE_ROW + 2}": 2, f"A{TABLE_ROW + 3}:B{last}": 3},
        borders={f"A{cell[1:]}:G{cell[1:]}": 1 for cell in heads}, figures=[*figures, *(chart(*one) for one in CHARTS)])


def back():
    """What the figures are reckoned from."""
    cells = {}
    for number, (name, _model, _domain, measure, aggregate, _colour, show) in enumerate(FIGURES, 1):
        cells[f"A{number}"] = f'=_t("{name}")'
        cells[f"B{number}"] = f'=PIVOT.VALUE({number},"{measure}:{aggregate}")'
        cells[f"C{number}"] = f"=IFERROR({show.format(f'B{number}')},0)"
    return sheet("Data", cells)


def dashboard():
    """The whole file."""
    return {
        "version": "18.5.10", "sheets": [front(), back()], "formats": {}, "borders": {"1": {"bottom": {"style": "thin", "color": "#CCCCCC"}}},
        "styles": {"1": {"textColor": TEAL, "bold": True, "fontSize": 16}, "2": {"textColor": INK, "bold": True, "fontSize": 11},
                   "3": {"textColor": INK, "verticalAlign": "middle"}},
        "revisionId": "START_REVISION", "uniqueFigureIds": True, "customTableStyles": {}, "chartOdooMenusReferences": {},
        "settings": {"locale": {"name": "English (US)", "code": "en_US", "thousandsSeparator": ",", "decimalSeparator": ".", "dateFormat": "mm/dd/yyyy",
                                "timeFormat": "hh:mm:ss", "formulaArgSeparator": ",", "weekStart": 7}},
        "pivots": pivots(), "pivotNextId": len(FIGURES) + 2, "globalFilters": global_filters(), "lists": {}, "listNextId": 1}


def text():
    """The file as it is written."""
    return json.dumps(dashboard(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
