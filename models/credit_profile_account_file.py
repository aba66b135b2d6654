import io
from contextlib import closing

from odoo import models
from odoo.fields import Domain

REPORT = "account_credit_collection.report_collection_account"

INVOICES = ("out_invoice", "out_refund", "out_receipt")
# What the customer never saw, or what was taken back.
HIDDEN = ("draft", "to_approve", "cancelled", "withdrawn")


class CreditProfile(models.Model):
    """The papers of an account: what was agreed, what charges rest on, the invoices, and the statement."""

    _inherit = "credit.profile"

    def _account_papers(self):
        """What was agreed or billed, newest first: ``[{"kind", "record", "label", "on"}]``."""
        self.ensure_one()
        found = [*self._account_contracts(), *self._account_agreement_papers(), *self._account_proofs()]
        return sorted(found, key=lambda one: (one["on"] or self.company_id._collection_today(), one["record"].id), reverse=True)

    def _account_contracts(self):
        signed = self.env["credit.application"].search([("profile_id", "=", self.id), ("state", "=", "signed"), ("contract_hash", "!=", False)])
        return [{"kind": "contract", "record": one, "label": self.env._("Credit contract %s", one.reference or ""),
                 "on": self.company_id._collection_date(one.signed_on) if one.signed_on else None} for one in signed]

    def _account_agreement_papers(self):
        """Plans and settlements that were offered to the customer; drafts are nobody's yet."""
        offered = [("profile_id", "=", self.id), ("state", "not in", HIDDEN), ("document_hash", "!=", False)]
        plans, offers = self.env["collection.plan"].search(offered), self.env["collection.settlement"].search(offered)
        found = [("plan", plan, self.env._("Payment plan %s", plan.name)) for plan in plans]
        found += [("settlement", offer, self.env._("Settlement offer %s", offer.name)) for offer in offers]
        return [{"kind": kind, "record": one, "label": label, "on": self.company_id._collection_date(one.create_date)} for kind, one, label in found]

    def _account_proofs(self):
        charged = self.env["collection.charge"].search([("profile_id", "=", self.id), ("state", "in", ("posted", "waived"))])
        return [{"kind": "proof", "record": one, "label": self.env._("How interest was worked out: %s", one.name), "on": one.posted_on} for one in charged]

    def _account_invoices(self, start, size):
        """Posted invoices and credit notes of the customer and its contacts, newest first."""
        return self.env["account.move"].search(self._account_invoice_domain(), order="invoice_date desc, id desc", offset=start, limit=size)

    def _account_invoices_count(self):
        return self.env["account.move"].search_count(self._account_invoice_domain())

    def _account_invoice_domain(self):
        return Domain([("commercial_partner_id", "=", self.partner_id.id), ("company_id", "child_of", self.company_id.root_id.id),
                       ("state", "=", "posted"), ("move_type", "in", INVOICES)])

    # ------------------------------------------------------------------ files

    def _account_file(self, kind, record_id):
        """``(name, PDF)`` of one paper of this customer; None for any other number."""
        if kind == "invoice":
            move = self.env["account.move"].search(self._account_invoice_domain() & Domain("id", "=", record_id))
            return self._account_invoice_file(move) if move else None
        record = next((one["record"] for one in self._account_papers() if one["kind"] == kind and one["record"].id == record_id), None)
        return self._account_paper_file(kind, record) if record else None

    def _account_invoice_file(self, move):
        """As it was sent, else as it would be. Core's rendering writes on the invoice, and reading must not: all of that is undone.

        So is the link that core may print as a code: it would open nothing.
        """
        with closing(self.env.cr.savepoint()):
            move.display_link_qr_code = False
            return self.env["collection.channel"]._invoice_file(move)

    def _account_paper_file(self, kind, record):
        if kind == "proof":
            return record._proof_file()
        if not record._is_intact():  # somebody changed it: it is shown to nobody
            return None
        return (record.contract_name or "contract.pdf", record._contract_raw()) if kind == "contract" else (record._document_name(), record._document_raw())

    def _account_statement(self, data, kind):
        """``(name, file)`` of the statement of account, ``kind`` "pdf" or "xlsx"; UserError for days that cannot be read."""
        terms = self.env["collection.statement"]._read_terms(self.company_id, data)
        name = f"{self._statement_name(terms.last)}.{kind}"
        if kind == "pdf":
            return name, self.env["ir.actions.report"]._render_qweb_pdf(REPORT, self.ids, data={**data, "profiles": self.ids})[0]
        stream = io.BytesIO()
        self.env["collection.statement"]._write_workbook(self, data, stream)
        return name, stream.getvalue()
