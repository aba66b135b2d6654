from typing import NamedTuple

from markupsafe import Markup

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import html2plaintext
from odoo.tools.misc import format_date, format_datetime

from .xlsx import Column, Table


class Section(NamedTuple):
    """What is known of a person in one model: by its customer, by the person itself, and by its address."""

    model: str
    customer: str | None
    person: tuple[str, ...]
    email: tuple[str, ...]
    fields: tuple[str, ...]


SECTIONS = (
    Section("res.partner", "commercial_partner_id", ("id",), ("email_normalized",),
            ("name", "email", "phone", "street", "zip", "city", "country_id", "vat", "lang", "website", "collection_contact", "collection_stop",
             "no_greetings", "birth_day", "birth_month", "birth_year", "customer_since", "social_linkedin", "social_x", "social_facebook", "social_instagram")),
    Section("credit.profile", "partner_id", (), (), ("company_id", "evaluated_on", "balance", "overdue", "behaviour_class", "on_time_share", "risk_class",
                                                     "limit_meaning", "limit_amount", "stop_kind", "stop_since", "stop_note", "paused_until", "pause_reason",
                                                     "segment_id", "average_days_late", "settled_count", "excluded", "collector_id", "bureau_consent",
                                                     "bureau_consent_on")),
    Section("credit.application", "partner_id", (), ("email_normalized",),
            ("reference", "state", "name", "contact_name", "email", "phone", "submitted_on", "requested_limit", "score", "approved_cap", "decided_on", "decided_by",
             "refusal_text", "signed_name", "signed_on", "signed_ip", "consent_on", "bureau_consent", "terms_consent", "privacy_version",
             "contact_function", "street", "zip", "city", "vat", "company_registry", "website", "keep_until")),
    Section("credit.application.reference", None, (), ("email",), ("application_id", "name", "contact_name", "email", "phone", "state", "answered_on", "answered_name",
                                                                   "manner_of_payment", "comment")),
    Section("credit.application.answer", "application_id.partner_id", (), ("application_id.email_normalized",), ("application_id", "question_id", "value_text")),
    Section("credit.application.document", "application_id.partner_id", (), ("application_id.email_normalized",),
            ("application_id", "original_name", "mimetype", "size", "uploaded_on")),
    Section("credit.limit", "profile_id.partner_id", (), (), ("date_from", "kind", "amount", "state", "reason", "decided_by")),
    Section("collection.action", "partner_id", ("recipient_id",), ("recipient",), ("planned_on", "sent_on", "channel", "level_id", "recipient", "subject", "body", "state", "reason_text")),
    Section("collection.call", "profile_id.partner_id", ("contact_id",), (), ("called_at", "user_id", "contact_id", "number", "outcome", "note")),
    Section("collection.promise", "profile_id.partner_id", ("said_by_id",), (), ("made_on", "promised_on", "amount", "subject", "state", "note", "outcome")),
    Section("collection.request", "profile_id.partner_id", ("said_by_id",), (), ("made_on", "documents", "parts", "first_on", "note", "state", "answer")),
    Section("collection.dispute", "profile_id.partner_id", ("said_by_id",), (), ("opened_on", "document", "amount", "reason_id", "reason", "state", "finding", "outcome", "closed_on")),
    Section("collection.dispute.file", "dispute_id.profile_id.partner_id", ("said_by_id",), (), ("dispute_id", "original_name", "uploaded_on", "size")),
    Section("collection.plan", "profile_id.partner_id", (), (), ("name", "made_on", "total", "state", "accepted_on", "accepted_name", "accepted_ip", "ended_on")),
    Section("collection.settlement", "profile_id.partner_id", (), ("mailed_to",), ("name", "made_on", "amount", "until", "state", "mailed_to")),
    Section("collection.checkout", "profile_id.partner_id", ("visitor_id",), (), ("name", "made_on", "amount", "paid_on", "paid_amount")),
    Section("collection.thanks", "profile_id.partner_id", (), ("sent_to",), ("paid_on", "sent_on", "sent_to")),
    Section("collection.greeting", "profile_id.partner_id", ("contact_id",), ("recipient",), ("day", "occasion_id", "contact_id", "recipient", "state", "sent_on")),
    Section("collection.touch", "partner_id", ("contact_id",), (), ("day", "kind", "contact_id", "user_id", "note")),
    Section("collection.handover", "profile_id.partner_id", (), ("mailed_to",), ("name", "agency_id", "claim", "state", "handed_on", "ended_on", "mailed_to")),
    Section("credit.segment.move", "profile_id.partner_id", (), (), ("day", "from_id", "to_id")),
    Section("credit.hold", "profile_id.partner_id", (), (), ("document_name", "amount", "exposure", "limit_amount", "state", "decided_on", "decision_reason")),
    Section("credit.external.score", "profile_id.partner_id", (), ("application_id.email_normalized",), ("provider", "score", "fetched_on", "valid_until", "note")),
    Section("collection.charge", "profile_id.partner_id", (), (), ("name", "date_to", "amount", "state", "mailed_on", "waive_reason")),
    Section("collection.payrun", "profile_id.partner_id", (), (), ("rhythm", "weekday", "source", "hits", "payments", "note")),
    Section("collection.forecast", "profile_id.partner_id", (), (), ("document", "due", "expected_on", "amount")),
    Section("collection.snapshot", "profile_id.partner_id", (), (), ("month", "segment_id", "behaviour_class", "closing", "overdue", "paid_days", "promises_kept")),
    Section("collection.experiment.member", "profile_id.partner_id", (), (), ("experiment_id", "arm", "entered_on", "left_on", "document", "amount", "cured_on")),
    Section("collection.agency", None, ("partner_id",), (), ("name", "kind")),
    Section("collection.bureau.line", "profile_id.partner_id", (), (), ("file_id", "month", "is_told", "why", "total")),
)

# Models that refer to a customer and yet tell nothing of their own: each with the reason.
TOLD_ELSEWHERE = {
    "collection.charge.line": "the lines of a charge, whose amount is told",
    "collection.ageing": "the entries of the ledger, seen by age",
    "collection.movement": "the entries of the ledger, seen by month",
    "collection.productivity": "what our own people did",
    "collection.simulation.result": "what a strategy would have done; nothing follows from it for anybody",
}


class CollectionSubject(models.AbstractModel):
    """What Collections stores about one person, for the person (R-114): nothing is left out but what somebody else said in confidence.

    A customer gets all that is known of it; a contact of a customer only what names the contact, not the customer's affairs.
    Read with the rights of whoever asks, so that a manager tells nothing of companies that are not its own.
    """

    _name = "collection.subject"
    _description = "What is stored about a person"

    @api.model
    def _sections(self, partner):
        """``[(title, labels, rows)]`` of what there is."""
        found = [(section, self._records(section, partner)) for section in SECTIONS if section.model in self.env]
        return [self._to_table(section, records) for section, records in found if records]

    @api.model
    def _records(self, section, partner):
        model = self.env[section.model].with_context(active_test=False)
        ways = [Domain(path, "in", partner.ids) for path in section.person if self._has(model, path)]
        if section.customer and partner == partner.commercial_partner_id:
            ways.append(Domain(section.customer, "=", partner.id))
        if partner.email_normalized:
            ways += [Domain(path, "=ilike", self._literal(partner.email_normalized)) for path in section.email if self._has(model, path)]
        return model.search(Domain.OR(ways), order="id") if ways else model

    @api.model
    def _has(self, model, path):
        return path.partition(".")[0] in model._fields

    @api.model
    def _literal(self, text):
        return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

    @api.model
    def _to_table(self, section, records):
        names = [name for name in section.fields if name in records._fields]
        labels = [records._fields[name]._description_string(self.env) for name in names]
        title = self.env["ir.model"]._get(section.model).name
        return title, labels, [[self._shown(record, name) for name in names] for record in records]

    @api.model
    def _shown(self, record, name):
        """A value as a person reads it."""
        field, value = record._fields[name], record[name]
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, "")
        if field.type == "boolean":
            return self.env._("yes") if value else self.env._("no")
        if field.type == "monetary":
            currency = record[field.get_currency_field(record)]
            return currency.format(value) if currency else str(value)
        if field.type == "date":
            return format_date(self.env, value) if value else ""
        if field.type == "datetime":
            return format_datetime(self.env, value) if value else ""
        if field.relational:
            return ", ".join(value.sudo().mapped("display_name"))  # sudo: names of what the record, which may be read, refers to
        if field.type == "html":
            return html2plaintext(value or "")
        return "" if value in (False, None) else str(value)

    # ------------------------------------------------------------------ papers

    @api.model
    def _write_workbook(self, partner, stream):
        """A sheet for each kind of data."""
        Export = self.env["collection.export"]
        with Export._book(stream) as book:
            for title, labels, rows in self._sections(partner):
                columns = [Column(label, width=22) for label in labels]
                book.add_table(Table(title, title, partner.display_name, columns, len(rows)), rows)
            Export._add_parameters(book, [(self.env._("About"), partner.display_name), *Export._facts_of_author()], [])

    @api.model
    def _prepare_paper(self, partner):
        return {"sections": self._sections(partner), "today": format_date(self.env, self.env.company._collection_today()), "kept": self._kept()}

    @api.model
    def _kept(self):
        """How long each kind of data is kept, and why."""
        # sudo: what is kept how long is told to everybody who asks
        rules = self.env["collection.retention.rule"].sudo().search([("company_id", "=", self.env.company.root_id.id)]).filtered(lambda rule: rule._is_known())
        return [(rule.name, rule.months, rule.why, rule.basis_note) for rule in rules]


class ReportCollectionSubject(models.AbstractModel):
    _name = "report.account_credit_collection.report_collection_subject"
    _description = "What is stored about a person"

    @api.model
    def _get_report_values(self, docids, data=None):
        """A report may be asked for by its address: the rights are those of the dialog, which is the person's own."""
        wizards = self.env["collection.subject.wizard"].browse(docids)
        wizards._check_manager()
        papers = {wizard.id: self.env["collection.subject"]._prepare_paper(wizard.partner_id) for wizard in wizards}
        return {"doc_ids": docids, "doc_model": wizards._name, "docs": wizards, "papers": papers, "dash": Markup("&#8211;")}
