from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.mail import email_normalize

STATES = [
    ("draft", "Draft"), ("submitted", "Submitted"), ("review", "In review"), ("approved", "Approved"),
    ("signed", "In force"), ("refused", "Refused"), ("withdrawn", "Withdrawn"), ("expired", "Expired"),
]
OPEN_STATES = ("draft", "submitted", "review", "approved")
UNDECIDED_STATES = ("draft", "submitted", "review")
ANSWER_DAYS = 30  # within which an applicant hears from us
# Nobody types these in: each belongs to a method that checks what it must.
GUARDED_FIELDS = frozenset({
    "state", "reference", "source", "nonce", "link_epoch", "partner_id", "profile_id", "submitted_on", "closed_on",
    "privacy_version", "consent_on", "asked_back_on", "asked_back_text",
    "score", "coverage", "class_id", "score_ids", "scored_on", "proposed_limit", "proposal_detail",
    "requested_by", "decided_by", "decided_on", "approved_cap", "start_limit", "ladder_id", "stage_id", "granted_term_id",
    "conditions", "offer_until", "limit_until", "review_on", "refusal_reason_ids", "refusal_text",
    "contract_file", "contract_hash", "contract_version", "signed_name", "signed_function", "signed_on", "signed_ip", "signed_agent",
})
# What the applicant ticked itself; the office ticks what came on paper.
CONSENT_FIELDS = frozenset({"bureau_consent", "terms_consent"})
# What the applicant said; closed with the decision.
SAID_FIELDS = frozenset({
    "name", "checklist_id", "company_id", "street", "street2", "zip", "city", "country_id", "vat", "company_registry", "website",
    "founded_year", "contact_name", "contact_function", "email", "phone", "requested_limit", "requested_term_id",
    "monthly_purchases", "net_worth", "answer_ids", "reference_ids", "document_ids",
})


class CreditApplication(models.Model):
    """A request for credit: what the applicant says, what is found, what is decided, what was signed.

    The same record serves the form of the office and that of the public. Only people of the
    office tie it to a customer (R-76); the score proposes and never refuses (R-109).
    """

    _name = "credit.application"
    _description = "Credit Application"
    _inherit = ["mail.thread", "mail.activity.mixin", "collection.state.mixin", "collection.link.mixin",
                "collection.guard.mixin"]
    _order = "submitted_on desc, id desc"

    _link_scope = "account_credit_collection.application"
    _transitions = frozenset({
        ("draft", "submitted"), ("draft", "withdrawn"), ("submitted", "draft"), ("submitted", "review"), ("submitted", "withdrawn"),
        ("submitted", "expired"), ("review", "draft"), ("review", "approved"), ("review", "refused"), ("review", "withdrawn"), ("review", "expired"),
        ("approved", "signed"), ("approved", "withdrawn"), ("approved", "expired"), ("expired", "review"), ("refused", "review"),
    })

    name = fields.Char("Name of the company", required=True, tracking=True)
    reference = fields.Char("Number", readonly=True, copy=False, index="trigram")
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict", domain=[("parent_id", "=", False)],
                                 default=lambda self: self.env.company.root_id)
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(STATES, required=True, default="draft", readonly=True, copy=False, tracking=True, index=True,
                             group_expand="_expand_states")
    source = fields.Selection([("portal", "Online form"), ("office", "Office")], required=True, default="office", readonly=True, copy=False)
    user_id = fields.Many2one("res.users", "Handled by", tracking=True, index="btree_not_null", ondelete="restrict",
                              domain=[("share", "=", False)])
    checklist_id = fields.Many2one("credit.checklist", "The applicant is", index="btree_not_null", ondelete="restrict",
                                   default=lambda self: self.env["credit.checklist"].search([], limit=1),
                                   domain="[('company_id', 'in', (False, company_id))]")
    lang = fields.Selection(lambda self: self.env["res.lang"].get_installed(), "Language", default=lambda self: self.env.lang)

    # who applies
    street = fields.Char()
    street2 = fields.Char()
    zip = fields.Char()
    city = fields.Char()
    country_id = fields.Many2one("res.country", ondelete="restrict")
    vat = fields.Char("Tax ID", index="btree_not_null")
    company_registry = fields.Char("Company number")
    website = fields.Char()
    founded_year = fields.Integer("Founded in")
    contact_name = fields.Char("Contact")
    contact_function = fields.Char("Function")
    email = fields.Char()
    email_normalized = fields.Char(compute="_compute_email_normalized", store=True, index="btree_not_null")
    phone = fields.Char()

    # what for
    requested_limit = fields.Monetary("Requested limit", tracking=True)
    requested_term_id = fields.Many2one("account.payment.term", "Requested payment terms", ondelete="restrict")
    monthly_purchases = fields.Monetary("Expected purchases a month", help="Including tax.")
    net_worth = fields.Monetary("Net worth", groups="account_credit_collection.group_collector")
    answer_ids = fields.One2many("credit.application.answer", "application_id", "Answers",
                                 groups="account_credit_collection.group_collector")
    reference_ids = fields.One2many("credit.application.reference", "application_id", "References")
    document_ids = fields.One2many("credit.application.document", "application_id", "Documents",
                                   groups="account_credit_collection.group_collector")

    # consent and the form
    privacy_version = fields.Char("Privacy notice", readonly=True, copy=False)
    consent_on = fields.Datetime("Agreed on", readonly=True, copy=False)
    bureau_consent = fields.Boolean("May ask a bureau", copy=False, tracking=True)
    terms_consent = fields.Boolean("Agreed to the terms", copy=False, tracking=True)
    nonce = fields.Char(readonly=True, copy=False, groups="base.group_system")
    submitted_on = fields.Datetime("Submitted on", readonly=True, copy=False)
    answer_by = fields.Date("Answer by", compute="_compute_answer_by", store=True)
    closed_on = fields.Datetime(readonly=True, copy=False, help="When it was refused, withdrawn or ran out; retention counts from here.")
    asked_back_on = fields.Datetime(readonly=True, copy=False)
    asked_back_text = fields.Text("What is still needed", readonly=True, copy=False)

    _nonce_uniq = models.UniqueIndex("(nonce) WHERE nonce IS NOT NULL", "This form has been sent already.")
    _reference_uniq = models.UniqueIndex("(company_id, reference) WHERE reference IS NOT NULL", "Two applications have the same number.")
    _amounts_positive = models.Constraint("CHECK(requested_limit >= 0 AND monthly_purchases >= 0)",
                                          "Requested limit and purchases must not be negative.")
    _founded_year_range = models.Constraint("CHECK(founded_year = 0 OR founded_year BETWEEN 1000 AND 2200)",
                                            "The year of foundation has four digits.")

    @api.depends("email")
    def _compute_email_normalized(self):
        for application in self:
            application.email_normalized = email_normalize(application.email or "") or False

    @api.depends("submitted_on")
    def _compute_answer_by(self):
        for application in self:
            submitted = application.submitted_on and application.company_id._collection_date(application.submitted_on)
            application.answer_by = submitted and submitted + timedelta(days=ANSWER_DAYS)

    @api.depends("name", "reference")
    def _compute_display_name(self):
        for application in self:
            application.display_name = " ".join(filter(None, (application.reference, application.name))) or self.env._("New application")

    @api.model
    def _expand_states(self, states, _domain):
        """Columns in the order of the work: those that are worked on always, others when there is something in them."""
        return [state for state, _label in STATES if state in OPEN_STATES or state in states]

    # ------------------------------------------------------------------ rights

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_guarded(GUARDED_FIELDS & set().union(*vals_list) | self._guarded_defaults(GUARDED_FIELDS))
        return super().create(vals_list)

    def write(self, vals):
        """State, score, decision and contract belong to their methods; what was said is closed with the decision."""
        self._refuse_guarded(GUARDED_FIELDS & set(vals))
        self._refuse_signed(vals)
        if not self.env.su:
            if CONSENT_FIELDS & set(vals) and "portal" in self.mapped("source"):
                self._refuse_guarded(CONSENT_FIELDS & set(vals))
            if (SAID_FIELDS | CONSENT_FIELDS) & set(vals):
                self._check_open()
        return super().write(vals)

    def _check_open(self):
        """What the applicant said, and what is known of it, is closed with the decision; before that, to who may not write it."""
        self.check_access("write")
        closed = self.filtered(lambda application: application.state not in UNDECIDED_STATES)
        if closed:
            raise UserError(self.env._("%s is decided: what is known of the applicant cannot be changed any more.", closed[0].display_name))

    def _check_staff(self, group="group_collector"):
        """Every button begins here: the right group, and the right to these very records."""
        if not self.env.user.has_group(f"account_credit_collection.{group}"):
            raise AccessError(self.env._("Only a collector or credit manager may do this."))
        self.check_access("write")

    def _move(self, state, **values):
        return self.sudo()._transition(state, **values)  # sudo: the guarded fields are written by methods only

    # ------------------------------------------------------------------ the way in

    def action_submit(self):
        self._check_staff()
        for application in self:
            missing = application._missing()
            if missing:
                raise UserError(self.env._("%(application)s cannot be submitted yet. Still missing: %(fields)s.",
                                           application=application.name, fields=", ".join(missing)))
        self._submit()

    def _submit(self):
        """Hand applications in, once: number, receipt to the applicant, task for the office."""
        for application in self.filtered(lambda one: one.state == "draft"):
            application._move("submitted", submitted_on=fields.Datetime.now(), reference=application.reference or application._number(),
                              requested_by=application.requested_by.id or application._requester())
            application._after_submit()

    def _number(self):
        return self.env["ir.sequence"].sudo().with_company(self.company_id).next_by_code("credit.application")  # sudo: numbers are given by the office

    def _requester(self):
        """Who of the office asks for the customer: who entered it. Nobody when the customer asks itself."""
        return self.create_uid.id if self.source == "office" else False

    def _after_submit(self):
        """What follows a submission; extended by scoring and mail."""

    def _missing(self):
        """The labels of what is still needed before this can be submitted."""
        self.ensure_one()
        wanted = ["name", "checklist_id", "country_id", "contact_name", "email", "requested_limit"]
        missing = [self._fields[name]._description_string(self.env) for name in wanted if not self[name]]
        if self.email and not self.email_normalized:
            missing.append(self.env._("a valid e-mail address"))
        return missing + self._missing_answers()

    def action_review(self):
        """Take applications on."""
        self._check_staff()
        self._move("review", closed_on=False)
        self.filtered(lambda application: not application.user_id).user_id = self.env.user

    def action_withdraw(self):
        self._check_staff()
        self._withdraw()

    def _withdraw(self):
        """The applicant does not want it any more; links to it open nothing from now on."""
        moved = self._move("withdrawn", closed_on=fields.Datetime.now())
        moved._link_revoke()
        return moved
