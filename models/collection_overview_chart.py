from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools.misc import format_date

from ..engine.ageing import LATE
from .collection_reason import describe

MONTHS = 13
SERIES = ("dso", "effectiveness")


class CollectionOverview(models.AbstractModel):
    """The pictures of the overview: overdue by segment and age, the trend of months, and what changed since the last one."""

    _inherit = "collection.overview"

    # ------------------------------------------------------------------ overdue by segment

    @api.model
    def _read_ageing(self, company):
        """What is open today by segment and bucket: ``[{segment, bucket, amount}]``."""
        return [{"segment": segment, "bucket": bucket, "amount": amount} for segment, bucket, amount in self.env["collection.ageing"]._read_group(
            [("root_id", "=", company.id)], ["segment_id", "bucket"], ["amount:sum"])]

    @api.model
    def _ageing(self, company, aged):
        """A bar for each segment, as long as what is overdue, the largest first; its parts are the ages."""
        labels = dict(self.env["collection.ageing"]._fields["bucket"]._description_selection(self.env))
        by_segment = {}
        for row in aged:
            if row["bucket"] in LATE and company.currency_id.compare_amounts(row["amount"], 0) > 0:
                by_segment.setdefault(row["segment"], {})[row["bucket"]] = row["amount"]
        totals = {segment: sum(parts.values()) for segment, parts in by_segment.items()}
        most = max(totals.values(), default=0)
        bars = [self._bar(company, segment, by_segment[segment], totals[segment], most, labels)
                for segment in sorted(totals, key=totals.get, reverse=True)]
        legend = [{"bucket": bucket, "label": labels[bucket], "text": company.currency_id.format(
            sum(parts.get(bucket, 0.0) for parts in by_segment.values())), "open": self._aged_list(company, labels[bucket], ("bucket", "=", bucket))}
            for bucket in LATE]
        return {"bars": bars, "legend": legend, "help": self.env._("Open amount of invoices after their due date, by days late by contract and by the segment of today.")}

    @api.model
    def _bar(self, company, segment, parts, total, most, labels):
        name, money = segment.display_name or self.env._("No segment"), company.currency_id.format
        own = ("segment_id", "=", segment.id)
        return {"id": segment.id, "name": name, "total": money(total), "open": self._aged_list(company, name, ("bucket", "in", LATE), own), "parts": [
            {"bucket": bucket, "share": 100 * parts[bucket] / most,
             "text": self.env._("%(segment)s, %(bucket)s: %(amount)s", segment=name, bucket=labels[bucket], amount=money(parts[bucket])),
             "open": self._aged_list(company, name, ("bucket", "=", bucket), own)} for bucket in LATE if bucket in parts]}

    @api.model
    def _aged_list(self, company, name, *terms):
        return self._opens("collection_ageing_action", name, [("root_id", "=", company.id), *terms])

    # ------------------------------------------------------------------ the trend

    @api.model
    def _read_months(self, company, today):
        """The figures of the last month ends, oldest first: ``[(month end, overdue, figures)]``."""
        return [(month, sum(figures[:len(LATE)]), dict(zip(SERIES, figures[len(LATE):]))) for month, *figures in self.env["collection.snapshot"]._read_group(
            self._months_domain(company, today), ["month:day"],
            [f"{name}:sum" for name in (*LATE, *SERIES)], order="month:day")]

    @api.model
    def _months_domain(self, company, today):
        return [("company_id", "=", company.id), ("month", ">=", today + relativedelta(months=-MONTHS, day=1)), ("month", "<", today)]

    @api.model
    def _trend(self, company, today, months):
        """A line for each figure over the months that have one."""
        fields, found = self.env["collection.snapshot"]._fields, []
        for name in SERIES:
            points = [(month, figures[name]) for month, _overdue, figures in months if figures[name] is not False]
            if points:
                found.append({"code": name, "label": fields[name]._description_string(self.env), "help": fields[name]._description_help(self.env),
                              "points": [{"month": self._month_text(month), "value": value, "text": self._figure(name, value)} for month, value in points],
                              "open": self._opens("collection_snapshot_action", fields[name]._description_string(self.env), self._months_domain(company, today), {
                                  "graph_measure": name, "graph_groupbys": ["month:month"], "graph_mode": "line"}, view="graph")})
        return found

    @api.model
    def _figure(self, name, value):
        number = self.env["ir.qweb.field.float"].value_to_html(value, {"precision": 1})
        return self.env._("%s days", number) if name == "dso" else self.env._("%s %%", number)

    @api.model
    def _month_text(self, month):
        return format_date(self.env, month, date_format="MMM yyyy")

    # ------------------------------------------------------------------ in one sentence

    @api.model
    def _changed(self, company, aged, months):
        """What became of the overdue since the last month end, and the segment that did most for it."""
        if not months:
            return describe(self.env, "overview_first")
        if self._is_part(company):
            return describe(self.env, "overview_part")
        month, before, _figures = months[-1]
        now = sum(row["amount"] for row in aged if row["bucket"] in LATE)
        return self._change_text(company.currency_id, month, before, now, lambda up: self._moved_most(company, aged, month, up))

    @api.model
    def _change_text(self, money, day, before, now, most=lambda _up: ""):
        """What became of the overdue since the end of ``day``; ``most(up)`` is the name of the segment that did most for it."""
        change = money.round(now - before)
        detail = {"day": day.isoformat(), "amount": money.format(abs(change)), "now": money.format(before + change)}
        if money.is_zero(change):
            return describe(self.env, "overview_same", detail)
        way, segment = "more" if change > 0 else "less", most(change > 0)
        return describe(self.env, f"overview_{way}_segment" if segment else f"overview_{way}", {**detail, "segment": segment})

    @api.model
    def _is_part(self, company):
        """Whether branches with receivables are not looked at: months are those of the company with all its branches."""
        # sudo: whether there is anything, not what
        return bool(self.env["account.move.line"].sudo().search_count([
            ("company_id", "child_of", company.id), ("company_id", "not in", self.env.companies.ids), ("parent_state", "=", "posted"),
            ("account_id.account_type", "=", "asset_receivable")], limit=1))

    @api.model
    def _moved_most(self, company, aged, month, up):
        """The name of the segment whose overdue went furthest the same way."""
        moved = {}
        for row in aged:
            if row["bucket"] in LATE:
                moved[row["segment"]] = moved.get(row["segment"], 0.0) + row["amount"]
        for segment, *parts in self.env["collection.snapshot"]._read_group(
                [("company_id", "=", company.id), ("month", "=", month)], ["segment_id"], [f"{name}:sum" for name in LATE]):
            moved[segment] = moved.get(segment, 0.0) - sum(parts)
        most = max(moved, key=lambda segment: moved[segment] if up else -moved[segment], default=None)
        return most.display_name if most and len(moved) > 1 else False
