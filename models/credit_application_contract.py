import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError

from .credit_field_rules import plain

CONTRACT_REPORT = "account_credit_collection.action_report_credit_contract"
EVIDENCE_REPORT = "account_credit_collection.action_report_credit_evidence"
SIGNATURE_FIELDS = frozenset({"signed_name", "signed_function", "signed_on", "signed_ip", "signed_agent", "contract_file", "contract_hash",
                              "contract_version", "approved_cap", "start_limit", "granted_term_id", "conditions", "company_id", "name"})


class CreditApplication(models.Model):
    """The contract, made once, and the evidence of who signed exactly that file (R-88)."""

    _inherit = "credit.application"

    contract_file = fields.Binary("Contract", attachment=True, readonly=True, copy=False, groups="account_credit_collection.group_collector")
    contract_name = fields.Char(compute="_compute_contract_name")
    contract_hash = fields.Char("SHA-256 of the contract", readonly=True, copy=False)
    contract_version = fields.Char("Version of the terms", readonly=True, copy=False)
    signed_name = fields.Char("Signed by", readonly=True, copy=False)
    signed_function = fields.Char("Signed as", readonly=True, copy=False)
    signed_on = fields.Datetime("Signed at", readonly=True, copy=False, tracking=True)
    signed_ip = fields.Char("Signed from", readonly=True, copy=False, groups="account_credit_collection.group_collector")
    signed_agent = fields.Char("Signed with", readonly=True, copy=False, groups="account_credit_collection.group_collector")

    @api.depends("contract_hash", "reference")
    @api.depends_context("lang")
    def _compute_contract_name(self):
        for application in self:
            application.contract_name = application._file_name(application.env._("Contract")) if application.contract_hash else False

    def _refuse_signed(self, vals):
        """What was signed stays as it is, for everyone."""
        if not SIGNATURE_FIELDS & set(vals):
            return
        signed = self.sudo().filtered("signed_on")  # sudo: only whether it is signed
        if signed:
            raise UserError(self.env._("%s is signed: contract and signature cannot be changed by anyone.", signed[0].display_name))

    def _make_contract(self):
        """Render the contract once: what is signed later is this very file."""
        self.ensure_one()
        self.contract_version = self.company_id.credit_terms_version  # stands in the contract too
        raw = self._render(CONTRACT_REPORT)
        self.write({"contract_file": base64.b64encode(raw), "contract_hash": hashlib.sha256(raw).hexdigest()})

    def _contract_raw(self):
        """The bytes of the contract as they are kept."""
        self.ensure_one()
        return self.env["ir.attachment"].sudo().search([  # sudo: a file of a field belongs to its record
            ("res_model", "=", self._name), ("res_field", "=", "contract_file"), ("res_id", "=", self.id)], limit=1).raw or b""

    def _is_intact(self):
        """Whether the kept file is still the one that was made."""
        return bool(self.contract_hash) and hashlib.sha256(self._contract_raw()).hexdigest() == self.contract_hash

    # ------------------------------------------------------------------ signing

    def _sign(self, name, function, ip, agent):
        """Take the signature of who opened the signed link, and put the limit in force. Signing twice is impossible."""
        self.ensure_one()
        record = self.sudo()  # sudo: the signer is nobody here, its link was checked
        record.lock_for_update()
        record.invalidate_recordset(["state", "signed_on"])
        record._check_signable(name)
        record._transition("signed", signed_name=name.strip()[:120], signed_function=(function or "").strip()[:120] or False,
                           signed_on=fields.Datetime.now(), signed_ip=(ip or "")[:45], signed_agent=plain(agent, 500))
        record._grant()
        files = [(record._file_name(self.env._("Contract")), record._contract_raw()),
                 (record._file_name(self.env._("Signature")), record._render(EVIDENCE_REPORT))]
        self.env["collection.channel"]._queue_application(record, "signed", files)

    def _check_signable(self, name):
        if self.signed_on or self.state == "signed":
            raise UserError(self.env._("This contract is signed already."))
        if self.state != "approved" or not self.contract_hash:
            raise UserError(self.env._("There is no contract to sign."))
        if self.offer_until and self.offer_until < self.company_id._collection_today():
            raise UserError(self.env._("This offer has run out. Please ask us for a new one."))
        if not (name or "").strip():
            raise UserError(self.env._("Please enter your name."))
        if not self._is_intact():
            raise UserError(self.env._("The contract cannot be signed: its file was changed. Please contact us."))

    # ------------------------------------------------------------------ in force

    def _grant(self):
        """Give the customer its limit. Who may be a known customer waits for a person, so that nobody exists twice."""
        for application in self.sudo():  # sudo: also on the applicant's signature; the decision was made by who may
            if application._undecided():
                application._ask_whose()
                continue
            if not application.partner_id:
                application.partner_id = application._create_partner()
            profile = self.env["credit.profile"]._ensure(application.company_id, application.partner_id)
            application.profile_id = profile
            # sudo: the journal names who decided, not who signed
            profile = profile.with_user(application.decided_by).sudo()
            profile.risk_class = application.class_id.name
            profile._start_credit(application)

    def _ask_whose(self):
        self.activity_schedule(
            "account_credit_collection.mail_activity_credit_application", user_id=(self.user_id or self.decided_by).id,
            summary=self.env._("Signed: say which customer this is, then the limit takes effect"))

    def action_print_evidence(self):
        """The certificate of the signature."""
        self._check_staff()
        if self.filtered(lambda application: not application.signed_on):
            raise UserError(self.env._("Nothing is signed yet."))
        return self.env.ref(EVIDENCE_REPORT).report_action(self)

    def action_resend_contract(self):
        """Queue the offer with a new link, for who lost the first one."""
        self._check_staff()
        for application in self.filtered(lambda one: one.state == "approved" and one.contract_hash):
            application._tell_decision("approved", keep=False)

