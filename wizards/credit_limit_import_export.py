"""The template of a list of limits: its columns, its guide, and the customers with what they have now."""
from odoo.tools.misc import get_lang

from ..models.credit_limit_sheet import MAX_ROWS
from ..models.credit_limit_template import Heading, Texts
from .credit_limit_import_cells import Cells
from .credit_limit_import_columns import COLUMNS

CHOICES = {"kind": "kind", "meaning": "meaning"}


def prepare_headings(env):
    cells = Cells(env, env.company.root_id.currency_id)
    return [Heading(env._(column.label), column.width, env._(column.help), column.kind,
                    tuple(cells.labels(name)) if name in CHOICES else ()) for name, column in COLUMNS.items()]


def prepare_guide(env):
    return Texts(env._("Credit limits"), env._("How to"), (
        env._("One line per decision about a customer's credit. The order of the columns is free; columns you do not need may go."),
        env._("Lines in which nothing is said about credit change nothing, and so do lines that say what is in force already."),
        env._("Collections ▸ Credit ▸ Import limits shows what each line would do before anything is changed."),
    ), get_lang(env).date_format)


def prepare_rows(env, company):
    """A row for each customer whose profile the user may see, with each kind of limit in force, or empty."""
    profiles = env["credit.profile"].search([("company_id", "=", company.id)], order="id")
    profiles = profiles.sorted(lambda profile: (profile.partner_id.name or "").casefold())
    today, grants = company._collection_today(), env["credit.limit"]._grants(profiles)
    words = {name: dict(env["credit.limit"]._fields[name]._description_selection(env)) for name in CHOICES.values()}
    rows = [_prepare_row(profile, line, words) for profile in profiles
            for line in _in_force(grants.get(profile.id, ()), today) or [None]]
    return rows[:MAX_ROWS]


def _in_force(lines, today):
    """The newest line of each kind that counts today; a base limit that has run out too."""
    newest = {}
    for line in lines:
        if line.date_from <= today and (line.kind == "base" or not line.date_to or line.date_to >= today):
            newest[line.kind] = line
    return [line for line in newest.values() if line.kind == "base" or line.meaning != "none"]


def _prepare_row(profile, line, words):
    partner = profile.partner_id
    row = [partner.id, partner.ref, partner.vat, partner.name]
    if line is None:
        return [*row, words["kind"]["base"]]
    counted = line.meaning == "amount"
    return [*row, words["kind"][line.kind], words["meaning"][line.meaning], line.amount if counted else None, line.cap or None,
            line.date_from, line.date_to, None]
