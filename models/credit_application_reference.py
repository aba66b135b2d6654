from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.mail import email_normalize

MANNERS = [
    ("prompt", "Prompt"), ("slow_30", "Up to 30 days slow"), ("slow_60", "31 to 60 days slow"), ("slow_90", "61 to 90 days slow"),
    ("bad", "More than 90 days slow, or not at all"),
]
REMIND_DAYS = 7
FACTS = ("as_of", "manner_of_payment", "high_credit", "owing", "past_due", "selling_terms", "last_sale")
ANSWER_FIELDS = frozenset({*FACTS, "comment", "account_since"})
IDENTITY_FIELDS = frozenset({"kind", "name"})


class CreditApplicationReference(models.Model):
    """Somebody who knows how the applicant pays: a supplier, who tells the seven facts of trade experience, or a bank."""

    _name = "credit.application.reference"
    _description = "Reference of a Credit Application"
    _inherit = ["credit.application.part", "collection.state.mixin", "collection.link.mixin"]
    _order = "application_id, kind desc, id"

    _link_scope = "account_credit_collection.reference"
    _transitions = frozenset({
        ("new", "asked"), ("new", "answered"), ("asked", "answered"), ("asked", "declined"), ("asked", "expired"),
        ("expired", "asked"), ("expired", "answered"), ("declined", "answered"), ("declined", "asked"),
    })

    _guarded = frozenset({"company_id", "state", "asked_on", "reminded_on", "answered_on", "answered_name", "answered_ip", "link_epoch"})

    application_id = fields.Many2one("credit.application", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="application_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="application_id.currency_id")
    kind = fields.Selection([("trade", "Supplier"), ("bank", "Bank")], required=True, default="trade")
    name = fields.Char(required=True)
    contact_name = fields.Char("Contact")
    email = fields.Char()
    phone = fields.Char()
    consent = fields.Boolean("May be asked", default=True, help="The applicant agreed that this reference is asked.")
    state = fields.Selection([("new", "Not asked"), ("asked", "Asked"), ("answered", "Answered"), ("declined", "Declined"),
                              ("expired", "No answer")], required=True, default="new", readonly=True, copy=False)
    asked_on = fields.Datetime("Asked on", readonly=True, copy=False)
    reminded_on = fields.Datetime("Reminded on", readonly=True, copy=False)

    # the seven facts
    as_of = fields.Date("As of", copy=False)
    manner_of_payment = fields.Selection(MANNERS, "Manner of payment", copy=False)
    high_credit = fields.Monetary("Highest credit in 12 months", copy=False)
    owing = fields.Monetary("Owes now", copy=False)
    past_due = fields.Monetary("Past due", copy=False)
    selling_terms = fields.Char("Selling terms", copy=False)
    last_sale = fields.Date("Last sale", copy=False)

    account_since = fields.Date("Customer since", copy=False)
    comment = fields.Char(copy=False)
    answered_on = fields.Datetime("Answered on", readonly=True, copy=False)
    answered_name = fields.Char("Answered by", readonly=True, copy=False)
    answered_ip = fields.Char("From address", readonly=True, copy=False)

    _amounts_positive = models.Constraint(
        "CHECK(high_credit >= 0 AND owing >= 0 AND past_due >= 0)", "The amounts of a reference must not be negative.")

    @api.depends("name", "kind")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for reference in self:
            reference.display_name = f"{reference.name} ({labels.get(reference.kind, '')})"

    def write(self, vals):
        """An answer of the referee stands as it was given."""
        if not self.env.su and (ANSWER_FIELDS | IDENTITY_FIELDS) & set(vals) and any(reference.answered_ip for reference in self):
            raise UserError(self.env._("%s answered this itself: it stands as it was given.", self.filtered("answered_ip")[0].name))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_asked(self):
        """Who was asked stays, as long as the application does: an answer that does not suit is an answer."""
        if not self.env.su and self.filtered(lambda reference: reference.state != "new"):
            raise UserError(self.env._("Only references that were not asked yet can be taken out."))

    def action_answered_by_phone(self):
        """The facts were told to a person of the office, who typed them in."""
        self.application_id._check_staff()
        for reference in self:
            if reference.kind == "trade" and not reference.manner_of_payment:
                raise UserError(self.env._("Enter how %s is paid first.", reference.name))
            reference._answer({}, reference.contact_name or self.env.user.name, None)

    def _answer(self, facts, name, ip):
        """Take the answer of a referee; ``facts`` as field values. Its link opens nothing afterwards."""
        self.ensure_one()
        today = self.company_id._collection_today()
        values = {key: facts[key] for key in ANSWER_FIELDS & set(facts)}
        values.setdefault("as_of", self.as_of or today)
        record = self.sudo()  # sudo: the referee is nobody here, its link was checked
        record._transition("answered", answered_on=fields.Datetime.now(), answered_name=name, answered_ip=ip, **values)
        record._link_revoke()
        record.application_id._after_reference(record)

    def _decline(self):
        """The referee does not want to say anything."""
        self.ensure_one()
        record = self.sudo()  # sudo: the referee is nobody here, its link was checked
        record._transition("declined")
        record._link_revoke()
        record.application_id._after_reference(record)

    def _ask(self):
        """Mail a signed link to those who may be asked and have an address; returns whom."""
        asked = self.filtered(lambda one: one.consent and one.state != "answered" and email_normalize(one.email or ""))
        for reference in asked.sudo():  # sudo: the state is written by methods only
            reference._transition("asked", asked_on=fields.Datetime.now())
            self.env["collection.channel"]._queue_reference(reference)
        return asked

    @api.autovacuum
    def _gc_references(self):
        """Nightly: one reminder after a week, and an end when the link has run out."""
        asked = self.search([("state", "=", "asked"), ("application_id.state", "in", ("submitted", "review"))])
        now = fields.Datetime.now()
        for reference in asked:
            if reference.asked_on + timedelta(days=reference._link_days()) < now:
                reference._transition("expired")
            elif not reference.reminded_on and reference.asked_on + timedelta(days=REMIND_DAYS) < now:
                reference.reminded_on = now
                self.env["collection.channel"]._queue_reference(reference)


class CreditApplication(models.Model):
    _inherit = "credit.application"

    reference_state = fields.Selection(
        [("none", "None named"), ("open", "Waiting"), ("done", "All in")], "State of the references", compute="_compute_reference_state", store=True)

    @api.depends("reference_ids.state")
    def _compute_reference_state(self):
        for application in self:
            states = set(application.reference_ids.mapped("state"))
            application.reference_state = "none" if not states else "open" if states & {"new", "asked"} else "done"

    def action_ask_references(self):
        """Queue a mail with a link of its own to each reference that was not asked yet."""
        self._check_staff()
        waiting = self.reference_ids.filtered(lambda one: one.state in ("new", "expired"))
        if self.filtered(lambda application: application.state not in ("submitted", "review")):
            raise UserError(self.env._("References are asked while an application is submitted or in review."))
        if not waiting._ask():
            raise UserError(self.env._("No reference can be asked by mail: none is left with an e-mail address and the applicant's consent."))

    def _after_reference(self, reference):
        """An answer came in: judge again, and say so."""
        self.ensure_one()
        self._message_log(body=self.env._("Reference %(name)s: %(state)s.", name=reference.display_name,
                                          state=dict(reference._fields["state"]._description_selection(self.env))[reference.state]))
        if self.state in ("submitted", "review"):
            self._score_gently()
