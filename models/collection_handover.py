from odoo import api, fields, models
from odoo.exceptions import AccessError

from .collection_reason import describe

STATES = [("proposed", "Proposed"), ("approved", "Approved"), ("announced", "Announced"), ("handed", "Handed over"), ("closed", "Closed"),
          ("recalled", "Recalled"), ("cancelled", "Cancelled")]
OUTCOMES = [("recovered", "Recovered"), ("written_off", "Written off"), ("settled", "Settled")]
# A payment that is taken back brings back what closed by itself.
MOVES = {"proposed": ("approved", "cancelled"), "approved": ("announced", "handed", "closed", "cancelled"),
         "announced": ("handed", "closed", "cancelled"), "handed": ("closed", "recalled"), "closed": ("approved", "announced", "handed")}
LIVE = ("proposed", "approved", "announced", "handed")
COLLECTOR, MANAGER = "account_credit_collection.group_collector", "account_credit_collection.group_manager"
OWN = {"currency_field": "company_currency_id", "compute": "_compute_own", "store": True}


class CollectionHandover(models.Model):
    """A debt that leaves the house: proposed, approved, announced to the customer, handed to an agency, closed or recalled.

    What came of it follows from the payments alone. While it is handed over, nobody else asks for its items.
    """

    _name = "collection.handover"
    _description = "Handover"
    _inherit = ["collection.talk.mixin", "collection.payable.mixin", "collection.agreement.mixin", "collection.given.up.mixin", "collection.state.mixin", "collection.guard.mixin"]
    _order = "id desc"

    _books_link = "collection_handover_id"
    _document_report = "account_credit_collection.action_report_collection_handover"
    _transitions = frozenset((before, after) for before, following in MOVES.items() for after in following)

    name = fields.Char("Number", required=True, readonly=True, copy=False)
    profile_id = fields.Many2one("credit.profile", "Customer", required=True, index=True, ondelete="restrict", readonly=True)
    company_id = fields.Many2one(related="profile_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="profile_id.partner_id", string="Partner")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True, ondelete="restrict")
    agency_id = fields.Many2one("collection.agency", "To", index=True, ondelete="restrict", readonly=True, tracking=True)
    rule_id = fields.Many2one("collection.handover.rule", "Proposed by the rule", ondelete="set null", readonly=True)
    line_ids = fields.One2many("collection.handover.line", "handover_id", "Invoices", readonly=True)
    event_ids = fields.One2many("collection.handover.event", "handover_id", "Log", readonly=True)
    subject = fields.Char("For", compute="_compute_subject")
    state = fields.Selection(STATES, "Status", default="proposed", required=True, readonly=True, tracking=True, index=True)
    outcome = fields.Selection(OUTCOMES, "Came to", readonly=True, tracking=True)
    standing = fields.Char("Stands", compute="_compute_standing")
    reference = fields.Char("File number of the agency", readonly=True, tracking=True)

    principal = fields.Monetary("Invoices claimed", readonly=True)
    charges = fields.Monetary("Charges claimed", readonly=True)
    costs = fields.Monetary("Costs claimed", readonly=True, help="Claimed besides what is in the books, such as the fee of the letter before action.")
    claim = fields.Monetary(readonly=True)
    age_days = fields.Integer("Oldest, days late", readonly=True, aggregator=None)
    open_amount = fields.Monetary("Still open", readonly=True)
    recovered_before = fields.Monetary("Paid before the handover", readonly=True)
    recovered_direct = fields.Monetary("Paid to us since", readonly=True)
    recovered_agency = fields.Monetary("Paid by the agency", readonly=True)
    recovered = fields.Monetary(readonly=True)
    credited = fields.Monetary(readonly=True)
    written_off = fields.Monetary("Written off", readonly=True)
    fee = fields.Monetary("Fees", readonly=True, help="What the agency kept, with taxes.")
    letter_wanted = fields.Boolean(related="company_id.collection_handover_letter", string="The customer gets a last letter")
    contested = fields.Boolean(readonly=True, help="A dispute about an invoice was opened since it was handed over.")

    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company currency")
    claim_own = fields.Monetary("Claim (company currency)", **OWN)
    recovered_own = fields.Monetary("Recovered (company currency)", **OWN)
    recovered_after_own = fields.Monetary("Recovered since the handover (company currency)", **OWN)
    fee_own = fields.Monetary("Fees (company currency)", **OWN)
    open_own = fields.Monetary("Still open (company currency)", **OWN)
    days = fields.Integer(compute="_compute_days", store=True, aggregator="avg", help="From the handover until the case was closed or recalled.")

    proposed_on = fields.Date("Proposed on", readonly=True)
    proposed_by = fields.Many2one("res.users", "Proposed by", readonly=True, ondelete="restrict")
    reason = fields.Char("Why", readonly=True)
    why_detail = fields.Json(readonly=True)
    why = fields.Char("Proposed because", compute="_compute_why")
    approved_on = fields.Date("Approved on", readonly=True)
    approved_by = fields.Many2one("res.users", "Approved by", readonly=True, ondelete="restrict", tracking=True)
    approve_reason = fields.Char("Approved because", readonly=True)
    announced_on = fields.Date("Announced on", readonly=True)
    deadline = fields.Date("Last day to pay", readonly=True, tracking=True)
    task_given = fields.Boolean(readonly=True)
    warned = fields.Boolean(readonly=True, help="A manager was asked: the silence of what nobody goes on with ends soon.")
    mailed_to = fields.Char("Letter mailed to", readonly=True)
    printed_on = fields.Date("Letter printed on", readonly=True)
    handed_on = fields.Date("Handed over on", readonly=True, tracking=True, index=True)
    handed_by = fields.Many2one("res.users", "Handed over by", readonly=True, ondelete="restrict")
    stops_interest = fields.Boolean("Interest stopped with the handover", readonly=True)
    ended_on = fields.Date("Ended on", readonly=True, tracking=True)
    ended_by = fields.Many2one("res.users", "Ended by", readonly=True, ondelete="restrict")
    end_reason = fields.Char("Ended because", readonly=True, tracking=True)
    back_state = fields.Char(readonly=True, help="The state it closed from by itself: it goes back there when a payment bounces.")
    move_ids = fields.One2many("account.move", "collection_handover_id", "Booked for it", readonly=True, groups="account_credit_collection.group_viewer")

    _name_uniq = models.UniqueIndex("(name)", "There is a handover with this number already.")
    _costs_positive = models.Constraint("CHECK(costs >= 0)", "The costs must not be negative.")

    @api.depends("line_ids.document")
    def _compute_subject(self):
        for record in self:
            record.subject = ", ".join(dict.fromkeys(record.line_ids.mapped("document")))

    @api.depends("claim", "recovered", "recovered_before", "fee", "open_amount", "currency_id", "handed_on", "proposed_on")
    def _compute_own(self):
        """At the rate of the day of the handover, so that figures of agencies do not move with the rates."""
        for record in self:
            company, own = record.company_id, record.company_id.currency_id
            day = record.handed_on or record.proposed_on or fields.Date.context_today(record)
            for name, amount in (("claim", record.claim), ("recovered", record.recovered), ("fee", record.fee), ("open", record.open_amount),
                                 ("recovered_after", record.recovered - record.recovered_before)):
                record[f"{name}_own"] = record.currency_id._convert(amount, own, company, day) if record.currency_id and own else amount

    @api.depends("handed_on", "ended_on")
    def _compute_days(self):
        for record in self:
            record.days = (record.ended_on - record.handed_on).days if record.handed_on and record.ended_on else 0

    @api.depends("why_detail", "reason", "rule_id")
    @api.depends_context("lang")
    def _compute_why(self):
        for record in self:
            detail = record.why_detail
            record.why = record.reason or (detail and describe(self.env, "handover_proposed", {**detail, "rule": record.rule_id.name or "/"})) or False

    @api.depends("state", "open_amount", "recovered", "deadline", "outcome", "end_reason", "agency_id", "handed_on", "ended_on")
    @api.depends_context("lang")
    def _compute_standing(self):
        for record in self:
            code = f"closed_{record.outcome}" if record.state == "closed" else record.state
            if record.state == "announced" and record.deadline and record.deadline < record.company_id._collection_today():
                code = "announced_over"
            record.standing = describe(self.env, f"handover_is_{code}", record._prepare_standing())

    def _prepare_standing(self):
        money = self.currency_id.format if self.currency_id else str
        days = {name: self[name] and self[name].isoformat() for name in ("deadline", "handed_on", "ended_on")}
        return {**days, "open": money(self.open_amount), "recovered": money(self.recovered), "agency": self.agency_id.name or "/", "why": self.end_reason or "/"}

    def _sentence(self):
        """“1,250.00 to Northern Collect, since 3 December” for the customer's screen."""
        label = self._state_label()
        if self.agency_id:
            return self.env._("%(amount)s to %(agency)s (%(state)s)", amount=self.currency_id.format(self.open_amount), agency=self.agency_id.name, state=label)
        return self.env._("%(amount)s (%(state)s)", amount=self.currency_id.format(self.open_amount), state=label)

    def _lang(self):
        """The language of the file: the agency's where that is installed, else the company's."""
        installed = dict(self.env["res.lang"].get_installed())
        wanted = (self.agency_id.lang, self.company_id.partner_id.lang)
        return next((code for code in wanted if code in installed), "en_US")

    # ------------------------------------------------------------------ rights

    @api.model
    def _check_group(self, group):
        if not self.env.user.has_group(group):
            raise AccessError(self.env._("Only credit managers do that.") if group == MANAGER else
                              self.env._("Only collectors and credit managers hand debts over."))

    def write(self, vals):
        if not self.env.su and any(self._fields[name]._module == "account_credit_collection" for name in vals):
            raise AccessError(self.env._("A handover is not changed by hand. Use its buttons, or cancel it and propose a new one."))
        return super().write(vals)

    # ------------------------------------------------------------------ the log

    def _log(self, kind, text, **values):
        """A dated line in the log of each handover, in the name of ``env.user``."""
        # sudo: a log is written by methods only
        return self.env["collection.handover.event"].sudo().create([
            {"handover_id": record.id, "kind": kind, "text": text, "user_id": self.env.uid,
             "on": record.company_id._collection_today(), **values} for record in self])
