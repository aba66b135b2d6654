"""The proof sheet of a charge: a table that anyone can work out again, on paper and as a workbook."""
import io

import xlsxwriter

from odoo import api, fields, models
from odoo.tools.misc import format_date, formatLang

from ..engine import ranged
from ..engine.daycount import YEARS
from ..models.collection_charge_rule import read_basis

PROOF = "account_credit_collection.report_collection_charge_proof"


class CollectionCharge(models.Model):
    _inherit = "collection.charge"

    proof = fields.Json(readonly=True)  # what a bill rests on: rules and rates are edited, its proof is not

    def _mark_charged(self):
        for charge in self.filtered(lambda charge: not charge.proof):
            charge.proof = charge.with_context(lang=charge.partner_id.lang or self.env.lang)._prepare_ground()
        return super()._mark_charged()

    def _prepare_ground(self):
        """The law or contract, and the values of reference rates with their sources, as they are now."""
        rates = [{"rate": value.rate_id.name, "on": value.valid_from.isoformat(), "percent": value.percent, "source": value.source}
                 for value in self._rates_used(self._proof_lines())]
        return {"note": self.rule_id.note or "", "rule": self.rule_id.name or "", "rates": rates}

    def _ground(self):
        """The same, as it was when the bill was posted."""
        found = self.proof or self._prepare_ground()
        return {**found, "rates": [{**value, "on": fields.Date.to_date(value["on"])} for value in found["rates"]]}

    def _proof_lines(self):
        return self.line_ids.filtered(lambda line: line.state != "reversed")

    def action_print_proof(self):
        self.check_access("read")
        return self.env.ref("account_credit_collection.action_report_collection_charge_proof").report_action(self)

    def action_proof_xlsx(self):
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": f"/collections/charges/{self.id}/proof.xlsx", "target": "self"}

    def _proof_name(self):
        return self.env._("Proof %s", self.name if self.name != "/" else self.id).replace("/", "-")

    def _proof_file(self):
        """Name and PDF of the proof sheet."""
        report = self.env["ir.actions.report"].sudo()  # sudo: the customer's own document
        content, _kind = report._render_qweb_pdf(PROOF, self.ids)
        return f"{self._proof_name()}.pdf", content

    def _prepare_proof(self):
        """What the sheet shows, in the language of the environment."""
        day = lambda value: format_date(self.env, value) if value else ""  # noqa: E731
        lines, ground = self._proof_lines(), self._ground()
        return {
            "day": day, "number": lambda value: formatLang(self.env, value, digits=4).rstrip("0").rstrip(".,"), "money": self.currency_id.format,
            "lines": lines.sorted(lambda line: (line.document, line.kind, line.date_from or line.due or line.charge_id.date_to)),
            "waived": lines.filtered(lambda line: line.state == "waived"), "basis": self._basis_words(lines), "note": ground["note"], "rates": ground["rates"],
        }

    def _basis_words(self, lines):
        """How interest is worked out, in words: a sentence for each way."""
        counts = dict(self.env["collection.charge.rule"]._fields["day_count"]._description_selection(self.env))
        terms = [read_basis(basis) for basis in dict.fromkeys(lines.filtered(lambda line: line.kind == "interest" and line.basis).mapped("basis"))]
        return list(dict.fromkeys(
            self.env._("Amount = open amount × rate of the month") if isinstance(one, ranged.Monthly)
            else self.env._("Amount = open amount × rate a year × days, counted as: %s", counts[one.basis]) for one in terms))

    def _rates_used(self, lines):
        """The values of the reference rates that were in force on the charged days, with their sources."""
        dated = lines.filtered("date_from")
        if not dated or not self.rule_id:
            return self.env["collection.rate.value"]
        first, last = min(dated.mapped("due") + dated.mapped("date_from")), max(dated.mapped("date_to"))
        values = self.rule_id._used_rates().value_ids.sorted("valid_from")
        before = values.filtered(lambda value: value.valid_from <= first).grouped("rate_id").values()
        return values.filtered(lambda value: first < value.valid_from < last) | values.browse([some[-1].id for some in before])

    # ------------------------------------------------------------------ workbook

    def _proof_workbook(self):
        """The sheet as a workbook: real dates and numbers, the total and the exact amounts as formulas; bytes."""
        stream = io.BytesIO()
        # names come from outside: what begins like a formula stays text
        book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        sheet = book.add_worksheet(self.env._("Proof")[:31])
        style = {name: book.add_format(values) for name, values in self._formats().items()}
        self._write_head(sheet, style)
        rows = self._prepare_proof()["lines"]
        for row, line in enumerate(rows, 4):
            self._write_line(sheet, style, row, line)
        last = 4 + len(rows)
        if rows:
            sheet.write(last, 0, self.env._("Total"), style["bold"])
            sheet.write_formula(last, 9, f"=SUM(J5:J{last})", style["total"], sum(rows._billable().mapped("amount")))
            sheet.autofilter(3, 0, last - 1, 10)
        self._write_rates(book.add_worksheet(self.env._("Rates")[:31]), style)
        book.close()
        return stream.getvalue()

    def _formats(self):
        money = "#,##0" + ("." + "0" * self.currency_id.decimal_places if self.currency_id.decimal_places else "")
        return {"bold": {"bold": True}, "head": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}, "day": {"num_format": "yyyy-mm-dd"},
                "money": {"num_format": money}, "total": {"num_format": money, "bold": True, "top": 1}, "rate": {"num_format": "0.0000"},
                "exact": {"num_format": "#,##0.000000"}, "text": {}}

    def _write_head(self, sheet, style):
        ground = self._ground()
        sheet.write(0, 0, self.env._("Proof of %s", self.display_name), style["bold"])
        sheet.write(1, 0, ground["note"] or ground["rule"], style["text"])
        heads = (self.env._("Invoice"), self.env._("For"), self.env._("Due"), self.env._("From"), self.env._("To"), self.env._("Days"), self.env._("Open"),
                 self.env._("Rate in %"), self.env._("Exact"), self.env._("Amount"), self.env._("Status"))
        for column, text in enumerate(heads):
            sheet.write(3, column, text, style["head"])
        sheet.freeze_panes(4, 0)
        for column, width in enumerate((18, 34, 11, 11, 11, 7, 14, 9, 16, 14, 12)):
            sheet.set_column(column, column, width)

    def _write_line(self, sheet, style, row, line):
        labels = dict(line._fields["state"]._description_selection(self.env))
        kinds = dict(line._fields["kind"]._description_selection(self.env))
        sheet.write_string(row, 0, line.document)
        sheet.write_string(row, 1, line.level_id.name or kinds[line.kind])
        for column, day in ((2, line.due), (3, line.date_from), (4, line.last_day)):
            if day:
                sheet.write_datetime(row, column, day, style["day"])
        if line.kind == "interest":
            sheet.write_number(row, 5, line.days)
            sheet.write_number(row, 6, line.balance, style["money"])
            sheet.write_number(row, 7, line.rate, style["rate"])
            self._write_exact(sheet, style, row, line)
        sheet.write_number(row, 9, line.amount if line.state in ("draft", "posted") else 0.0, style["money"])
        sheet.write_string(row, 10, labels[line.state])

    def _write_exact(self, sheet, style, row, line):
        """The unrounded amount as a formula, where a formula of a cell can say it."""
        number, terms = row + 1, read_basis(line.basis) if line.basis else None
        if isinstance(terms, ranged.Monthly):
            sheet.write_formula(row, 8, f"=G{number}*H{number}/100", style["exact"], line.balance * line.rate / 100)
        elif terms and terms.basis in YEARS:
            year = YEARS[terms.basis]
            sheet.write_formula(row, 8, f"=G{number}*H{number}/100*F{number}/{year}", style["exact"], line.balance * line.rate / 100 * line.days / year)

    def _write_rates(self, sheet, style):
        for column, text in enumerate((self.env._("Reference rate"), self.env._("Valid from"), self.env._("Percent a year"), self.env._("Source"))):
            sheet.write(0, column, text, style["head"])
        for row, value in enumerate(self._ground()["rates"], 1):
            sheet.write_string(row, 0, value["rate"])
            sheet.write_datetime(row, 1, value["on"], style["day"])
            sheet.write_number(row, 2, value["percent"], style["rate"])
            sheet.write_string(row, 3, value["source"])
        for column, width in enumerate((32, 12, 14, 80)):
            sheet.set_column(column, column, width)


class ReportCollectionChargeProof(models.AbstractModel):
    _name = f"report.{PROOF}"
    _description = "Proof sheet of a charge"

    @api.model
    def _get_report_values(self, docids, data=None):
        charges = self.env["collection.charge"].browse(docids)
        charges.check_access("read")  # a report may be asked for by its address
        sheets = {}
        for charge in charges.sudo():
            lang = charge.partner_id.lang or self.env.lang
            reader = charge.with_context(lang=lang)
            sheets[charge.id] = {**reader._prepare_proof(), "lang": lang, "o": reader}
        return {"doc_ids": docids, "doc_model": "collection.charge", "docs": charges, "sheets": sheets}


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _is_lean(self):
        return self.report_name == PROOF or super()._is_lean()
