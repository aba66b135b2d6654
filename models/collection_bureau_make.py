from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.date_utils import start_of

from ..engine import bureau
from ..engine.money import exact
from .bulk import insert_rows
from .collection_bureau_file import AGES

ENDED = "bureau_ended"  # was told about before, and may not be any more
MEMORY = 6  # delivered months that are looked at again


class Said(NamedTuple):
    """What is said of a customer in one currency: the report of the engine, and its invoices as the file has them."""

    report: bureau.Report
    invoices: list[dict]


class CollectionBureauFile(models.Model):
    """Working a month out: a fixed number of reads, one engine call per customer and currency, one statement that writes."""

    _inherit = "collection.bureau.file"

    @api.model
    def _make(self, bureau, month):
        """The file of a bureau about a month, worked out; the draft that is there already, anew."""
        if month >= start_of(bureau.company_id._collection_today(), "month"):
            raise UserError(self.env._("This month is not over yet. Choose one that is."))
        # sudo: a file is made by methods only
        found = self.sudo().search([("bureau_id", "=", bureau.id), ("month", "=", month), ("state", "!=", "replaced")])
        file = found or self.sudo().create({"bureau_id": bureau.id, "month": month})
        if file.state == "draft":
            file._work_out()
        return file.with_env(self.env)

    def _work_out(self):
        """The customers of the month anew, those left out too; and the corrections of the months delivered before."""
        self.ensure_one()
        if self.state != "draft":
            raise UserError(self.env._("%s was checked. Reopen it first.", self.display_name))
        said = self._read_said(self.month)
        rows = [self._prepare_line(key, one, "month", self.month) for key, one in said.items()]
        rows += self._prepare_corrections()
        self.line_ids.unlink()
        insert_rows(self.env["collection.bureau.line"], rows)
        self.invalidate_recordset(["line_ids"])
        self._sum_up()

    def _sum_up(self):
        told = self.line_ids.filtered(lambda line: line.is_told and line.kind == "month")
        totals = {currency.name: f"{sum(map(exact, lines.mapped('total'))):.{currency.decimal_places}f}"
                  for currency, lines in told.grouped("currency_id").items()}
        self.write({"made_on": self.company_id._collection_today(), "told_count": len(told), "totals": totals,
                    "left_count": len(self.line_ids.filtered(lambda line: not line.is_told)),
                    "correction_count": len(self.line_ids.filtered(lambda line: line.kind == "correction"))})

    # ------------------------------------------------------------------ the month

    def _read_said(self, month):
        """``{(profile id, currency id): Said}`` of a month, as it looks now."""
        reader, company, rule = self.env["collection.reader"], self.company_id, self.bureau_id._to_engine()
        items, paid = defaultdict(list), defaultdict(list)
        for item in reader._read_bureau_open(company, month):
            items[item.profile, item.currency].append(item)
        for item in reader._read_bureau_paid(company, start_of(month, "month"), month):
            paid[item.profile, item.currency].append(item)
        disputed = reader._read_disputes([item.id for some in items.values() for item in some], company._collection_today())
        contested = {item for item, amount in disputed.items() if amount}
        contested |= self._contested_of([item.id for some in paid.values() for item in some])
        customers, kinds = self._read_customers({profile for profile, _currency in {*items, *paid}}), self._read_kinds(items, paid)
        said, owed = {}, self._sum_worth(items, contested)
        for key in sorted({*items, *paid}):
            fair = [item for item in paid[key] if item.id not in contested]
            facts = [bureau.Item(item.id, item.bucket, item.amount, item.worth, item.id in contested) for item in items[key]]
            elsewhere = sum((worth for other, worth in owed[key[0]].items() if other != key[1]), Decimal(0))
            report = self._decide_report(customers[key[0]], rule, facts, bool(fair), elsewhere)
            told = report.code == bureau.REPORTED
            said[key] = Said(report, self._prepare_invoices(items[key], fair, set(report.items), kinds) if told else [])
        return said

    @api.model
    def _sum_worth(self, items, contested):
        """What customers owe by currency, in that of the company: ``{profile id: {currency id: worth}}``."""
        owed = defaultdict(dict)
        for (profile, currency), some in items.items():
            owed[profile][currency] = sum((item.worth for item in some if item.id not in contested), Decimal(0))
        return owed

    def _decide_report(self, customer, rule, items, settled, elsewhere):
        """One engine call: the place to hook another way to choose what a bureau is told."""
        return bureau.decide(customer, rule, items, settled, elsewhere)

    @api.model
    def _contested_of(self, item_ids):
        """Items with a dispute that is open: of a paid one nothing is told either."""
        # sudo: of all customers, checked by who calls
        rows = self.env["collection.dispute"].sudo()._read_group([("item_id", "in", item_ids), ("state", "=", "open")], ["item_id"])
        return {item.id for [item] in rows}

    def _read_customers(self, profile_ids):
        """``{profile id: Customer}``"""
        # sudo: as above
        profiles = self.env["credit.profile"].sudo().browse(profile_ids)
        profiles.mapped("partner_id.is_company")
        return {one.id: bureau.Customer(one.partner_id.is_company, one.partner_id.country_id.id or None, one.bureau_consent, one._bureau_stopped())
                for one in profiles}

    def _read_kinds(self, items, paid):
        """``{entry id: (kind of document, day of the document)}``"""
        moves = {item.move for some in (*items.values(), *paid.values()) for item in some}
        rows = self.env["account.move"].sudo().browse(moves)  # sudo: as above
        return {move.id: (move.move_type, move.invoice_date or move.date) for move in rows}

    @api.model
    def _prepare_invoices(self, items, paid, told, kinds):
        """The invoices and credit notes of a customer as the file has them; days as texts, amounts exact."""
        rows = [(item, None, item.total, item.amount) for item in items if item.id in told] + [(item, item.paid_on, item.amount, 0) for item in paid]
        return [{"item": item.id, "document": item.document, "type": kinds[item.move][0], "date": kinds[item.move][1].isoformat(), "due": item.due.isoformat(),
                 "paid_on": paid_on and paid_on.isoformat(), "amount": str(total), "open": str(left)}
                for item, paid_on, total, left in rows if kinds[item.move][0] in ("out_invoice", "out_receipt", "out_refund")]

    # ------------------------------------------------------------------ corrections

    def _prepare_corrections(self):
        """Lines for what was delivered of the months before and looks otherwise now; zeros where nothing may be told any more."""
        files = self.sudo().search([("bureau_id", "=", self.bureau_id.id), ("month", "<", self.month), ("state", "=", "delivered")], limit=MEMORY)
        rows = []
        for month, told in self._read_told(files).items():
            now = self._read_said(month)
            for key, line in told.items():
                said = now.pop(key, None) or Said(bureau.Report(ENDED, dict.fromkeys(AGES, 0), 0, 0, ()), [])
                if not line._says(said):
                    rows.append(self._prepare_line(key, said, "correction", month, line._told_invoices()))
            # who was left out then is told of a month later; further back it stays untold
            late = [(key, said) for key, said in now.items() if said.report.code == bureau.REPORTED] if month == files[:1].month else []
            rows += [self._prepare_line(key, said, "correction", month) for key, said in late]
        return rows

    @api.model
    def _read_told(self, files):
        """The last word on each customer, that of the month or a correction: ``{month: {(profile id, currency id): line}}``."""
        told = {month: {} for month in files.mapped("month")}
        for line in files.line_ids.filtered("is_told").sorted(lambda line: line.file_id.month):
            if line.month in told:
                told[line.month][line.profile_id.id, line.currency_id.id] = line
        return told

    def _prepare_line(self, key, said, kind, month, before=()):
        """The values of a line; what was told of an invoice ``before`` and is not any more is told as nothing."""
        report, known = said.report, {row["item"] for row in said.invoices}
        gone = [{**row, "paid_on": None, "amount": "0", "open": "0"} for row in before or () if row["item"] not in known]
        return {"file_id": self.id, "company_id": self.company_id.id, "profile_id": key[0], "currency_id": key[1], "kind": kind, "month": month,
                "is_told": report.code == bureau.REPORTED or kind == "correction", "reason": report.code,
                **{name: float(report.ages[name]) for name in AGES}, "total": float(report.total), "credit": float(report.credit),
                "items": list(report.items), "invoices": said.invoices + gone}


class CollectionBureauLine(models.Model):
    _inherit = "collection.bureau.line"

    def _says(self, said):
        """Whether this is what is said now, to the cent and invoice by invoice; what was taken back once stays so."""
        self.ensure_one()
        if bureau.REPORTED not in (self.reason, said.report.code):
            return True
        same = self.currency_id.compare_amounts
        return self.reason == said.report.code and self._told_invoices() == said.invoices and not any(
            same(self[name], float(said.report.ages[name])) for name in AGES)

    def _told_invoices(self):
        """The invoices of the line without those that it takes back."""
        return [row for row in self.invoices or () if row["amount"] != "0"]


class CollectionBureau(models.Model):
    _inherit = "collection.bureau"

    def _last_month(self):
        """The last day of the month that is over."""
        return start_of(self.company_id._collection_today(), "month") - timedelta(days=1)
