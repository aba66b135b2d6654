"""Which lists may be taken out as a workbook, and what stands in it: a table of field names each."""
from typing import NamedTuple

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)


class Export(NamedTuple):
    """The workbook of a list: its fields in order, those that are added up, and the order of the rows.

    What is added up is in one currency, and its sum over all rows means something: what was open at the end of
    each of twelve months does not.
    """

    title: str
    names: tuple[str, ...]
    totals: tuple[str, ...]
    order: str


OWNER = ("company_id", "partner_id", "segment_id", "collector_id")

EXPORTS = {
    "collection.ageing": Export(
        _lt("Ageing"),
        (*OWNER, "salesperson_id", "country_id", "document", "date", "due", "days_late", "bucket", "plan_due", "plan_days_late", "plan_bucket",
         "amount_currency", "currency_id", "amount", "company_currency_id"),
        ("amount",), "partner_id, due, item_id"),
    "collection.movement": Export(
        _lt("Movements"), (*OWNER, "document", "date", "kind", "amount", "company_currency_id"), ("amount",), "partner_id, date, item_id"),
    "collection.snapshot": Export(
        _lt("Figures by month"),
        ("company_id", "month", "profile_id", "segment_id", "collector_id", "salesperson_id", "country_id", "opening", "billed", "credited", "collected",
         "discounts", "written_off", "exchange", "other", "closing", "not_due", "b30", "b60", "b90", "over", "credit", "paid", "paid_on_time", "promises",
         "promises_kept", "promised", "promised_kept", "disputes_opened", "disputes_closed", "charged", "waived", "calls", "cost", "currency_id"),
        ("billed", "credited", "collected", "discounts", "written_off", "exchange", "other", "paid", "paid_on_time", "promised", "promised_kept",
         "charged", "waived", "cost"), "month, profile_id, id"),
    "collection.provision.line": Export(
        _lt("Provision"), ("company_id", "day", "segment_id", "bucket", "amount", "rate", "source", "factor", "provision", "currency_id"),
        ("amount", "provision"), "day desc, place, id"),
    "collection.forecast": Export(
        _lt("Cash forecast"),
        ("company_id", "profile_id", "segment_id", "collector_id", "country_id", "document", "due", "expected_on", "source", "amount_currency", "currency_id", "amount", "company_currency_id"),
        ("amount",), "expected_on, id"),
    "credit.profile": Export(
        _lt("Customers"),
        ("company_id", "partner_id", "segment_id", "collector_id", "policy_id", "behaviour_class", "balance", "overdue", "oldest_due", "average_days_late",
         "on_time_share", "next_contact_on", "currency_id"),
        ("balance", "overdue"), "overdue desc, id"),
}
