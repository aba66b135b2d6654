from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

LETTER_REPORT = "account_credit_collection.action_report_credit_decision_letter"
SILENT_DAYS = 90
DECISION_FIELDS = frozenset({"approved_cap", "start_limit", "ladder_id", "stage_id", "granted_term_id", "conditions", "offer_until",
                             "limit_until", "review_on"})


class CreditApplication(models.Model):
    """What a person decided: how much, where to start, on which terms, until when; or why not."""

    _inherit = "credit.application"

    requested_by = fields.Many2one("res.users", "Requested by", readonly=True, copy=False, ondelete="restrict",
                                   help="Who of the office asked for this customer; empty when the customer asked itself.")
    decided_by = fields.Many2one("res.users", "Decided by", readonly=True, copy=False, ondelete="restrict", tracking=True)
    decided_on = fields.Datetime("Decided on", readonly=True, copy=False)
    approved_cap = fields.Monetary("Ceiling", readonly=True, copy=False, tracking=True, help="The limit never grows beyond it.")
    start_limit = fields.Monetary("Limit to start with", readonly=True, copy=False, tracking=True)
    ladder_id = fields.Many2one("credit.ladder", readonly=True, copy=False, ondelete="restrict", index="btree_not_null")
    stage_id = fields.Many2one("credit.ladder.stage", "First stage", readonly=True, copy=False, ondelete="restrict")
    granted_term_id = fields.Many2one("account.payment.term", "Payment terms granted", readonly=True, copy=False, ondelete="restrict")
    conditions = fields.Text(readonly=True, copy=False)
    offer_until = fields.Date("To be signed by", readonly=True, copy=False)
    limit_until = fields.Date("Limit runs out on", readonly=True, copy=False)
    review_on = fields.Date("Review on", readonly=True, copy=False)
    refusal_reason_ids = fields.Many2many("credit.refusal.reason", string="Reasons of the refusal", readonly=True, copy=False)
    refusal_text = fields.Text("In addition", readonly=True, copy=False)

    def action_decide(self):
        self.ensure_one()
        self._check_staff()
        if self.state != "review":
            raise UserError(self.env._("%s is decided while it is in review: take it on first.", self.display_name))
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.credit_decision_wizard_action")
        return dict(action, context={"default_application_id": self.id})

    def _default_ladder(self):
        """The path on which this applicant would grow: of its class, else of its checklist, else the company's first."""
        self.ensure_one()
        wanted = self.class_id.sudo().ladder_id + self.checklist_id.sudo().ladder_id  # sudo: they may name another company's
        own = wanted.filtered(lambda ladder: ladder.company_id == self.company_id)[:1].with_env(self.env)
        return own or self.env["credit.ladder"].search([("company_id", "=", self.company_id.id)], limit=1)

    def _default_dates(self):
        """Until when the offer stands, and when the limit is looked at again."""
        today = self.company_id._collection_today()
        return {"offer_until": today + timedelta(days=self.company_id.credit_offer_days),
                "review_on": today + relativedelta(years=1), "limit_until": today + relativedelta(years=1, months=1)}

    # ------------------------------------------------------------------ yes

    def _approve(self, values):
        """Grant what a person decided, ``values`` of DECISION_FIELDS; who may not decide that much is refused (R-91)."""
        self.ensure_one()
        self._check_staff()
        self.lock_for_update()
        self._check_offer(values)
        self.env["credit.authority"]._require(self.company_id, values["approved_cap"], requester=self.requested_by or None)
        self._check_known()
        self._move("approved", decided_by=self.env.uid, decided_on=fields.Datetime.now(), refusal_reason_ids=[fields.Command.clear()],
                   refusal_text=False,
                   **{name: values.get(name) for name in DECISION_FIELDS})
        self._link_revoke()
        record = self.sudo()  # sudo: contract and state are written by methods only; the authority was checked above
        if self.company_id.credit_contract_required:
            record._make_contract()
        else:
            record._transition("signed")
            record._grant()
        self._tell_decision("approved")

    def _check_offer(self, values):
        compare = self.currency_id.compare_amounts
        today = self.company_id._collection_today()
        if compare(values.get("approved_cap") or 0, 0) <= 0:
            raise UserError(self.env._("Enter the ceiling you approve; to grant nothing, refuse."))
        if compare(values.get("start_limit") or 0, values["approved_cap"]) > 0:
            raise UserError(self.env._("The limit to start with is above the ceiling."))
        for name in ("offer_until", "limit_until", "review_on"):
            if values.get(name) and values[name] < today:
                raise UserError(self.env._("“%s” lies in the past.", self._fields[name]._description_string(self.env)))
        if self.company_id.credit_contract_required and not values.get("offer_until"):
            raise UserError(self.env._("Enter until when the contract can be signed."))
        if values.get("offer_until") and values.get("limit_until") and values["limit_until"] < values["offer_until"]:
            raise UserError(self.env._("The limit would run out before the offer does: who signs on the last day would get nothing."))
        self._check_path(values)

    def _check_path(self, values):
        """What fits nothing is refused to who decides, not to the customer who signs."""
        # sudo: only whose they are
        ladder = self.env["credit.ladder"].sudo().browse(values.get("ladder_id") or [])
        stage = self.env["credit.ladder.stage"].sudo().browse(values.get("stage_id") or [])
        term = self.env["account.payment.term"].sudo().browse(values.get("granted_term_id") or [])
        for record in (ladder, term):
            if record.company_id and record.company_id != self.company_id:
                raise UserError(self.env._("“%(record)s” belongs to %(company)s.", record=record.name, company=record.company_id.name))
        if stage.ladder_id - ladder:
            raise UserError(self.env._("“%s” is no stage of the ladder you chose.", stage.name))

    def _check_known(self):
        """A customer that may be known already is matched, or said to be another one, before credit is granted."""
        if self._undecided():
            raise UserError(self.env._(
                "%(application)s looks like %(customers)s. Match it with its customer, or create a new one, and then approve.",
                application=self.display_name, customers=", ".join(self.duplicate_ids[:3].mapped("display_name"))))

    def _undecided(self):
        """Whether nobody has said yet which customer this is although there are some that look the same."""
        return not self.partner_id and bool(self._find_partners())

    # ------------------------------------------------------------------ no

    def _refuse(self, reasons, text=None):
        """Refuse with reasons (R-106). Only a person does this, never the score (R-109)."""
        self.ensure_one()
        self._check_staff()
        if not reasons:
            raise UserError(self.env._("Choose at least one reason: the applicant has a right to know it."))
        now = fields.Datetime.now()
        self._move("refused", decided_by=self.env.uid, decided_on=now, closed_on=now,
                   refusal_reason_ids=[fields.Command.set(reasons.ids)], refusal_text=text or False)
        self._link_revoke()
        self._tell_decision("refused")

    def _tell_decision(self, outcome, keep=True):
        """Queue the mail with the letter, and keep the letter."""
        application = self.sudo()  # sudo: the letter and its link are made for the applicant
        letter = application._render(LETTER_REPORT)
        if keep:
            application._keep_letter(letter)
        self.env["collection.channel"]._queue_application(application, outcome, [(application._file_name(self.env._("Decision")), letter)])

    def _keep_letter(self, raw):
        self.env["ir.attachment"].create({
            "name": self._file_name(self.env._("Decision")), "raw": raw, "mimetype": "application/pdf",
            "res_model": self._name, "res_id": self.id})

    def _render(self, report):
        """One PDF of this application, in the applicant's language."""
        streams = self.env["ir.actions.report"].sudo()._render_qweb_pdf_prepare_streams(report, {}, res_ids=self.ids)
        return streams[self.id]["stream"].getvalue()

    def _file_name(self, title):
        return f"{title} {self.reference.replace('/', '-')}.pdf"

    # ------------------------------------------------------------------ back to the applicant

    def _ask_back(self, text):
        """Give the form back to the applicant, saying what is still needed."""
        self._check_staff()
        for application in self:
            application._move("draft", asked_back_on=fields.Datetime.now(), asked_back_text=text)
            application._message_log(body=application.env._("Asked back: %s", text))
            if application.email_normalized:
                self.env["collection.channel"]._queue_application(application.sudo(), "asked_back")  # sudo: its link is the applicant's

    @api.model
    def _expire_offers(self):
        """Offers nobody signed in time are void, and so are applications whose applicant was asked back and fell silent."""
        for company in self.env["res.company"].search([("parent_id", "=", False)]):
            old = self.search([("company_id", "=", company.id), ("state", "=", "approved"), ("offer_until", "<", company._collection_today())])
            old._transition("expired", closed_on=fields.Datetime.now())
            old._link_revoke()
        silent = fields.Datetime.now() - timedelta(days=SILENT_DAYS)
        self.search([("state", "=", "draft"), ("source", "=", "portal"), ("asked_back_on", "<", silent)])._withdraw()
