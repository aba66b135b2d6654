from odoo import api, models
from odoo.tools.misc import format_date

from ..engine.ageing import BUCKETS
from .collection_statement import OPEN
from .xlsx import Column, Formula, Table, column_name


class CollectionStatement(models.AbstractModel):
    """Statements of account as a workbook: the lines of all customers in one table, the ageing in another."""

    _inherit = "collection.statement"

    @api.model
    def _write_workbook(self, profiles, data, stream):
        """Write the statements of ``profiles`` to ``stream``, in the language of the environment."""
        Export = self.env["collection.export"]
        found, terms = {}, self._read_terms(profiles[:1].company_id, data)
        for company, some in profiles.grouped("company_id").items():
            terms = self._read_terms(company, data)
            found.update(self._sections(some, terms))
        parts = [(profile, section) for profile in profiles for section in found[profile]]
        columns, rows = self._open_table(parts) if terms.kind == OPEN else self._moved_table(parts)
        ages, ageing = self._ages_table(parts)
        with Export._book(stream) as book:
            book.add_table(self._statement_table(self.env._("Statement"), profiles, terms, columns, rows, self._statement_totals(parts, terms)), rows)
            book.add_table(self._statement_table(self.env._("Ageing"), profiles, terms, ages, ageing, []), ageing)
            facts = self._statement_facts(profiles, terms)
            Export._add_parameters(book, [*Export._facts_of_companies(profiles.company_id), *facts, *Export._facts_of_author()], [*columns, *ages[2:]])

    @api.model
    def _statement_table(self, name, profiles, terms, columns, rows, totals):
        title = self.env._("Statement of account")
        if len(profiles) == 1:
            title = self.env._("Statement of account of %s", profiles.partner_id.name)
        return Table(name, title, self._period_text(terms), columns, len(rows), totals, 1, self.env._("Open"))

    @api.model
    def _period_text(self, terms):
        last = format_date(self.env, terms.last)
        if terms.items is not None:
            return self.env._("What is open of the claim on %s", last)
        if terms.kind == OPEN:
            return self.env._("What is open on %s", last)
        return self.env._("All movements from %(first)s to %(last)s", first=format_date(self.env, terms.first), last=last)

    @api.model
    def _statement_facts(self, profiles, terms):
        currencies = self.env["res.currency"].sudo().browse(terms.currencies).mapped("name")
        return [(self.env._("Shows"), self._period_text(terms)),
                (self.env._("Customers"), ", ".join(profiles.partner_id.mapped("display_name")) if len(profiles) <= 20 else len(profiles)),
                (self.env._("Currencies"), ", ".join(currencies) or self.env._("all"))]

    @api.model
    def _statement_totals(self, parts, terms):
        """What is open in each currency, over all customers; balances of a period have their own line each."""
        if terms.kind != OPEN:
            return []
        sums = {}
        for _profile, section in parts:
            sums[section.currency.name] = sums.get(section.currency.name, 0) + section.closing
        return [(name, {8: total}) for name, total in sums.items()]

    # ------------------------------------------------------------------ tables

    @api.model
    def _head_columns(self):
        return [Column(self.env._("Customer"), "text", 30), Column(self.env._("Currency"), "text", 9)]

    @api.model
    def _open_table(self, parts):
        _ = self.env._
        columns = [
            *self._head_columns(), Column(_("Document"), "text", 20), Column(_("Date"), "date", 12), Column(_("Due date"), "date", 12),
            Column(_("Days late"), "integer", 8, help=_("Day of the statement − due date; below 0: not due yet.")),
            Column(_("Status"), "text", 26), Column(_("Amount"), "amount", 16, 1, _("What the document came to.")),
            Column(_("Open"), "amount", 16, 1, _("What is open of it at the end of the day: amount − what was set off against it by then."))]
        rows = [[profile.partner_id.display_name, section.currency.name, line.document, line.date, line.due, line.days if line.due else None, line.text,
                 float(line.total), float(line.amount)] for profile, section in parts for line in section.lines]
        return columns, rows

    @api.model
    def _moved_table(self, parts):
        _ = self.env._
        columns = [
            *self._head_columns(), Column(_("Date"), "date", 12), Column(_("Document"), "text", 20), Column(_("Kind"), "text", 24),
            Column(_("Due date"), "date", 12), Column(_("Charged"), "amount", 16, 1), Column(_("Paid or credited"), "amount", 16, 1),
            Column(_("Balance"), "amount", 16, 1, _("Balance of the line above + charged − paid or credited."))]
        rows = []
        for profile, section in parts:
            head = [profile.partner_id.display_name, section.currency.name]
            rows.append([*head, None, "", _("Balance brought forward"), None, None, None, float(section.opening)])
            rows += [[*head, line.date, line.document, line.text, line.due, float(line.amount) if line.amount > 0 else None,
                      float(-line.amount) if line.amount < 0 else None, Formula("=I{before}+G{row}-H{row}", line.balance)] for line in section.lines]
        return columns, rows

    @api.model
    def _ages_table(self, parts):
        labels, last = self._bucket_labels(), column_name(1 + len(BUCKETS))
        columns = [*self._head_columns(), *(Column(labels[code], "amount", 16, 1) for code in BUCKETS),
                   Column(self.env._("Total"), "amount", 16, 1, self.env._("Sum of the classes: what is open at the end of the day."))]
        rows = [[profile.partner_id.display_name, section.currency.name, *(float(amount) for amount in section.ages.values()),
                 Formula(f"=SUM(C{{row}}:{last}{{row}})", section.open)] for profile, section in parts]
        return columns, rows
