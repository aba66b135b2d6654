"""Filters in the words of a reader: what a list was narrowed down to, for the sheet that goes with it."""
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition, DomainNot, DomainOr
from odoo.tools import format_date
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

MOST_NAMES = 20  # of records in a condition; more are counted
OPERATORS = {
    "=": _lt("%(field)s is %(value)s"), "in": _lt("%(field)s is %(value)s"), "!=": _lt("%(field)s is not %(value)s"),
    "not in": _lt("%(field)s is not %(value)s"), "<": _lt("%(field)s is less than %(value)s"), "<=": _lt("%(field)s is at most %(value)s"),
    ">": _lt("%(field)s is more than %(value)s"), ">=": _lt("%(field)s is at least %(value)s"),
    "like": _lt("%(field)s contains “%(value)s”"), "ilike": _lt("%(field)s contains “%(value)s”"),
    "not like": _lt("%(field)s does not contain “%(value)s”"), "not ilike": _lt("%(field)s does not contain “%(value)s”"),
    "child_of": _lt("%(field)s is %(value)s or below"), "parent_of": _lt("%(field)s is %(value)s or above"),
    "=like": _lt("%(field)s matches “%(value)s”"), "=ilike": _lt("%(field)s matches “%(value)s”"),
    "not =like": _lt("%(field)s does not match “%(value)s”"), "not =ilike": _lt("%(field)s does not match “%(value)s”"),
    "any": _lt("%(field)s fits: %(value)s"), "not any": _lt("%(field)s does not fit: %(value)s"),
}
NESTED = ("any", "not any")  # the value is a filter of its own
DATES = {"<": _lt("%(field)s is before %(value)s"), "<=": _lt("%(field)s is on or before %(value)s"),
         ">": _lt("%(field)s is after %(value)s"), ">=": _lt("%(field)s is on or after %(value)s")}


def read_domain(records, domain):
    """The conditions that must all hold, a line each; one line that says so where there is none."""
    domain = Domain(domain)
    parts = domain.children if isinstance(domain, DomainAnd) else [domain]
    return [_words(records, part) for part in parts if not part.is_true()] or [records.env._("none: all rows")]


def _words(records, domain):
    env = records.env
    if isinstance(domain, DomainCondition):
        return _condition(records, domain)
    if isinstance(domain, DomainNot):
        return env._("not (%s)", _words(records, domain.child))
    if isinstance(domain, DomainAnd):
        return env._("all of: %s", "; ".join(_words(records, child) for child in domain.children))
    if isinstance(domain, DomainOr):
        return env._("any of: %s", "; ".join(_words(records, child) for child in domain.children))
    return env._("no row at all")


def _condition(records, condition):
    model, labels, field = records, [], None
    for name in condition.field_expr.split("."):
        field = model._fields.get(name)
        if field is None:
            break
        labels.append(field._description_string(records.env))
        model = records.env[field.comodel_name] if field.comodel_name else model
    sentences = {**OPERATORS, **DATES} if field is not None and field.type in ("date", "datetime") else OPERATORS
    label = " › ".join(labels) or condition.field_expr
    value = "; ".join(read_domain(model, condition.value)) if condition.operator in NESTED else _value(records.env, model, field, condition.value)
    if condition.operator not in sentences:
        return records.env._("%(field)s: %(operator)s %(value)s", field=label, operator=condition.operator, value=value)
    words = records.env._(sentences[condition.operator])
    return words % {"field": label, "value": value}


def _value(env, model, field, value):
    """A value as the screen shows it."""
    values = list(value) if isinstance(value, (list, tuple, set, frozenset)) or hasattr(value, "__iter__") and not isinstance(value, str) else [value]
    shown = [_one(env, model, field, one) for one in values[:MOST_NAMES]]
    more = len(values) - len(shown)
    return ", ".join(shown) + (env._(" and %s more", more) if more else "")


def _name(record):
    """The name of what the user filters by, where the user may read it: a filter may hold any number."""
    try:
        return record.exists()._filtered_access("read").display_name
    except AccessError:  # the name is made of what the user may not read
        return ""


def _one(env, model, field, value):
    if value is False or value is None:
        return env._("No") if field is not None and field.type == "boolean" else env._("empty")
    if value is True:
        return env._("Yes") if field is not None and field.type == "boolean" else env._("given")
    if field is None:
        return str(value)
    if field.comodel_name and isinstance(value, int):
        return _name(env[field.comodel_name].browse(value)) or str(value)
    if field.type == "selection":
        return dict(field._description_selection(env)).get(value, str(value))
    if field.type == "date" and hasattr(value, "year"):
        return format_date(env, value)
    return str(value)
