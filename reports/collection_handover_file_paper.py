"""The cover sheet of a handover's file, and the record of what was done; on the lean paper of letters."""
from odoo import api, models
from odoo.tools.misc import format_date

from .collection_handover_file import COVER, RECORD


class CollectionHandover(models.Model):
    _inherit = "collection.handover"

    def _cover_values(self):
        """What the cover sheet says, in the language of the environment."""
        _ = self.env._
        partner, company = self.partner_id, self.company_id
        people = partner.child_ids.filtered(lambda one: one.type in ("contact", "invoice") and one.name and not one.collection_stop)[:5]
        debtor = [(_("Name"), partner.name), (_("Address"), ", ".join(line for line in partner._display_address(without_company=True).splitlines() if line.strip())),
                  (_("Company number"), partner.company_registry), (_("Tax ID"), partner.vat), (_("Customer number"), partner.ref),
                  (_("Telephone"), partner.phone), (_("E-mail"), partner.email), (_("Website"), partner.website),
                  (_("Contacts"), ", ".join(" ".join(filter(None, (one.name, one.phone))) for one in people))]
        creditor = [(_("Name"), company.name), (_("Address"), ", ".join(line for line in company.partner_id._display_address(without_company=True).splitlines() if line.strip())),
                    (_("Tax ID"), company.vat), (_("Company number"), company.company_registry)]
        contact = self._contact()
        creditor += [(_("Contact"), contact["name"]), (_("E-mail"), contact["email"]), (_("Telephone"), contact["phone"])]
        return {"debtor": [row for row in debtor if row[1]], "creditor": [row for row in creditor if row[1]],
                "jurisdiction": company.collection_file_jurisdiction, "gone": self._file_gone(),
                "open": self._file_open_sum(), "ages": [(label, amount) for label, amount in self._age_labels() if amount], "steps": self._cover_steps()}

    def _age_labels(self):
        labels = self.env["collection.statement"]._bucket_labels()
        return [(labels[code], amount) for code, amount in self._file_ages().items()]

    def _cover_steps(self):
        """What happened in our house before it came to this."""
        _ = self.env._
        facts = self._file_facts()
        day = lambda value: format_date(self.env, value)  # noqa: E731
        steps = [_("%(count)s contacts, the last one on %(day)s", count=len(facts["actions"]), day=day(max(facts["actions"].mapped("sent_on"))))] if facts["actions"] else []
        broken = facts["promises"].filtered(lambda one: one.state in ("broken", "partly"))
        steps += [_("%s promises to pay that were not kept", len(broken))] if broken else []
        steps += [_("%s payment plans", len(facts["plans"]))] if facts["plans"] else []
        steps += [_("Last letter of %(day)s, to be paid by %(deadline)s", day=day(self.announced_on), deadline=day(self.deadline))] if self.announced_on else []
        return steps

    def _record_values(self):
        """What was done, as tables: ``[(title, headings, rows of texts)]``."""
        facts = self._file_facts()
        tables = [(self.env._("Contacts"), *self._file_contact_table(facts)), (self.env._("Calls"), *self._file_call_table(facts)),
                  (self.env._("Promises"), *self._file_promise_table(facts)), (self.env._("Disputes"), *self._file_dispute_table(facts))]
        plans = [[plan.name, plan.with_context(lang=self.env.lang).why] for plan in facts["plans"]]
        shown = [(title, columns[:7], [[self._record_cell(value) for value in row[:7]] for row in rows]) for title, columns, rows in tables]
        return [(title, [column.label for column in columns], rows) for title, columns, rows in shown] + [
            (self.env._("Payment plans"), [self.env._("Plan"), self.env._("State")], plans)]

    def _record_cell(self, value):
        if hasattr(value, "year"):
            return format_date(self.env, value)
        return self.currency_id.format(value).replace(self.currency_id.symbol or "", "").strip() if isinstance(value, float) else value or ""


class ReportHandoverCover(models.AbstractModel):
    _name = f"report.{COVER}"
    _description = "Cover sheet of a handover's file"

    @api.model
    def _get_report_values(self, docids, data=None):
        return _report_values(self.env, docids, lambda record: record._cover_values())


class ReportHandoverRecord(models.AbstractModel):
    _name = f"report.{RECORD}"
    _description = "Record of what was done, for a handover's file"

    @api.model
    def _get_report_values(self, docids, data=None):
        return _report_values(self.env, docids, lambda record: {"tables": record._record_values()})


def _report_values(env, docids, prepare):
    """Papers in the language of who gets the file."""
    records = env["collection.handover"].browse(docids)
    records.check_access("read")  # a report may be asked for by its address
    papers = {}
    for record in records.sudo():
        reader = record.with_context(lang=record._lang())
        papers[record.id] = {**prepare(reader), "lang": record._lang(), "o": reader, "money": record.currency_id.format,
                             "day": lambda value, reader=reader: format_date(reader.env, value) if value else ""}
    return {"doc_ids": docids, "doc_model": "collection.handover", "docs": records, "papers": papers}


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _is_lean(self):
        return self.report_name in (COVER, RECORD) or super()._is_lean()
