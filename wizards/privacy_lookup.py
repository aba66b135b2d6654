from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..models.collection_retention_kinds import KINDS
from ..models.credit_application_partner import _literal

# Where a person stands that core does not look: columns with an e-mail, with a name, and with a partner that goes along when it is deleted.
# Words in which somebody may be named stand in TEXTS.
PLACES = {
    "credit.application": ((), ("contact_name", "signed_name"), ()),
    "credit.application.reference": ((), ("contact_name", "answered_name"), ()),
    "collection.action": (("recipient",), (), ()),
    "collection.call": (("number",), (), ()),
    "collection.plan": ((), ("accepted_name",), ()),
    "collection.settlement": (("mailed_to",), (), ()),
    "collection.handover": (("mailed_to",), (), ()),
    "collection.thanks": (("sent_to",), (), ()),
    "collection.greeting": (("recipient",), (), ("contact_id",)),
    "collection.touch": ((), (), ("contact_id", "partner_id")),
    "mail.mail": (("email_to",), (), ()),
}
TEXTS = {
    "credit.profile": ("stop_note",),
    "collection.call": ("note",),
    "collection.promise": ("note",),
    "collection.request": ("note", "answer"),
    "collection.dispute": ("reason", "finding", "outcome_reason"),
    "collection.thanks": ("paid",),
    "collection.handover.event": ("text",),
}
# What is known of a customer as such: it stays as long as the customer is one.
STANDING = ("credit.profile", "credit.limit", "credit.hold", "credit.segment.move", "collection.snapshot", "collection.charge", "collection.bureau.line")

# Parts of an application: they are kept as long as it is.
PARTS = ("credit.application.reference", "credit.application.answer", "credit.application.document")


class PrivacyLookupWizard(models.TransientModel):
    """The search for a person finds also what Collections knows: core looks for names and e-mails in fields of its own names only (R-113)."""

    _inherit = "privacy.lookup.wizard"

    def _get_query(self):
        """Each record once, however often the person stands in it."""
        parts = [SQL("SELECT * FROM (%s) AS known", super()._get_query()), *filter(None, map(self._query_place, {**PLACES, **TEXTS}))]
        return SQL("SELECT DISTINCT * FROM (%s) AS found", SQL(" UNION ALL ").join(parts))

    def _query_place(self, model):
        """One model of ours; nothing where it is not there."""
        if model not in self.env:
            return None
        emails, names, partners = (tuple(name for name in group if name in self.env[model]._fields) for group in PLACES.get(model, ((), (), ())))
        email, person = f"%{_literal(self.email.strip())}%", _literal(self.name.strip())
        tests = [SQL("%s ILIKE %s", SQL.identifier(name), email) for name in emails]
        tests += [SQL("%s ILIKE %s", SQL.identifier(name), person) for name in names]
        tests += [SQL("%s::text ILIKE %s", SQL.identifier(name), words) for name in TEXTS.get(model, ()) for words in (email, f"%{person}%")]
        tests += [SQL("%s IN (%s)", SQL.identifier(name), self._query_people()) for name in partners]
        model_id = self.env["ir.model"]._get_id(model)
        return SQL("SELECT %s AS res_model_id, id AS res_id, TRUE AS is_active FROM %s WHERE %s", model_id,
                   SQL.identifier(self.env[model]._table), SQL(" OR ").join(tests)) if tests else None

    def _query_people(self):
        return SQL("SELECT id FROM res_partner WHERE email ILIKE %s OR name ILIKE %s",
                   f"%{_literal(self.email.strip())}%", _literal(self.name.strip()))


class PrivacyLookupWizardLine(models.TransientModel):
    """Deleting what was found: what an open case or the law needs stays, and the person at the screen reads until when."""

    _inherit = "privacy.lookup.wizard.line"

    def action_unlink(self):
        self.ensure_one()
        if self.res_model in STANDING or self.res_model == "res.partner":
            self._refuse_standing()
        if self.res_model in PARTS:
            self._record().application_id._unlink_except_kept()
        rule = self._retention_rule()
        if not rule or self.is_unlinked or self.res_model == "credit.application":  # applications say themselves until when they are kept
            return super().action_unlink()
        self._erase(rule)
        return None

    def _record(self):
        # sudo: as core's button, which is for administrators
        return self.env[self.res_model].sudo().browse(self.res_id)

    def _refuse_standing(self):
        record = self._record()
        if self.res_model != "res.partner":
            raise UserError(self.env._("%s belongs to the standing of a customer: it is kept as long as the customer's invoices.", record.display_name))
        if self.env["credit.profile"].sudo().with_context(active_test=False).search_count([("partner_id", "=", record.id)], limit=1):
            raise UserError(self.env._("%s is a customer: its invoices must be kept. Delete or empty what else was found; archive the contact.",
                                       record.display_name))

    def _retention_rule(self):
        """The rule of the kind of data that a line shows; none for what is not ours."""
        record = self._record()
        Rule = self.env["collection.retention.rule"].sudo().with_context(active_test=False)  # sudo: which rule applies is no secret
        for code, kind in KINDS.items():
            if kind.model == self.res_model and kind.company and record.exists() and record.filtered_domain(list(kind.own)):
                return Rule.search([("code", "=", code), ("company_id", "=", record[kind.company].root_id.id)], limit=1)
        return Rule

    def _erase(self, rule):
        """Take away now what the purge would take later, unless it is still needed."""
        record = self._record()
        if not rule._stored().search_count(rule._domain_done() & Domain("id", "=", record.id)):
            raise UserError(self.env._("%(record)s belongs to a case that is still open. It is deleted by itself %(months)s months after the case is closed.",
                                       record=record.display_name, months=rule.months))
        until = rule._keep_until(record)
        if rule.basis == "law" and until and until >= rule.company_id._collection_today():
            raise UserError(self.env._("%(record)s must be kept by law until %(date)s and is deleted by itself after that day.",
                                       record=record.display_name, date=format_date(self.env, until)))
        rule._purge(rule._stored().browse(record.id))
        self.execution_details = self.env._("Emptied %(what)s #%(number)s", what=self.res_model_id.name, number=self.res_id) \
            if rule._kind.blank else self.env._("Deleted %(what)s #%(number)s", what=self.res_model_id.name, number=self.res_id)
        self.is_unlinked = True
