from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools.misc import clean_context, format_date

from .collection_reason import describe

STATES = [("draft", "Draft"), ("to_approve", "To approve"), ("offered", "Offered"), ("taken", "Taken"), ("lapsed", "Lapsed"),
          ("withdrawn", "Withdrawn")]
# A payment that is booked late brings an offer back; what is not booked yet goes the way the payments go.
MOVES = {"draft": ("to_approve", "offered", "lapsed", "withdrawn"), "to_approve": ("offered", "lapsed", "withdrawn"),
         "offered": ("taken", "lapsed", "withdrawn"), "lapsed": ("taken", "offered"), "taken": ("offered", "lapsed", "withdrawn")}
MONEY = ("bank", "cash", "credit")  # the journals that money comes in by
COLLECTOR, MANAGER = "account_credit_collection.group_collector", "account_credit_collection.group_manager"


class CollectionSettlement(models.Model):
    """A dated offer: pay so much until a day, and the rest is given up.

    Whether it is taken follows from the payments alone. While it is offered, nobody reminds of its items.
    """

    _name = "collection.settlement"
    _description = "Settlement Offer"
    _inherit = ["collection.talk.mixin", "collection.link.mixin", "collection.payable.mixin", "collection.agreement.mixin", "collection.given.up.mixin",
                "collection.state.mixin", "collection.guard.mixin"]
    _order = "id desc"

    _link_scope = "account_credit_collection.settlement"
    _books_link = "collection_settlement_id"
    _document_report = "account_credit_collection.action_report_collection_settlement"
    _transitions = frozenset((before, after) for before, following in MOVES.items() for after in following)

    name = fields.Char("Number", required=True, readonly=True, copy=False)
    profile_id = fields.Many2one("credit.profile", "Customer", required=True, index=True, ondelete="restrict", readonly=True)
    company_id = fields.Many2one(related="profile_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="profile_id.partner_id", string="Partner")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True, ondelete="restrict")
    line_ids = fields.One2many("collection.settlement.line", "settlement_id", "Invoices", readonly=True)
    subject = fields.Char("For", compute="_compute_subject")
    state = fields.Selection(STATES, default="draft", required=True, readonly=True, tracking=True, index=True)
    note = fields.Text("Internal note", readonly=True)

    amount = fields.Monetary("To pay", required=True, readonly=True, tracking=True)
    until = fields.Date("Until and including", required=True, readonly=True, tracking=True)
    made_on = fields.Date("Offered on", readonly=True)
    made_by = fields.Many2one("res.users", "Made by", readonly=True, ondelete="restrict")
    reason = fields.Char("Why", readonly=True)

    principal = fields.Monetary("Open invoices", readonly=True)
    charges = fields.Monetary("Open charges", readonly=True)
    debt = fields.Monetary("Open", readonly=True)
    waived = fields.Monetary("Charges waived", readonly=True)
    discount = fields.Monetary(readonly=True)
    conceded = fields.Monetary("Given up", readonly=True)

    age_days = fields.Integer("Oldest, days late", readonly=True, aggregator=None)
    chance = fields.Float("Chance (%)", readonly=True, digits=(5, 2), aggregator=None)
    agency_fee = fields.Float("An agency keeps (%)", readonly=True, digits=(5, 2), aggregator=None)
    interest = fields.Float("Money costs a year (%)", readonly=True, digits=(5, 2), aggregator=None)
    months = fields.Integer("An agency takes (months)", readonly=True, aggregator=None)
    handling = fields.Monetary(readonly=True, aggregator=None)
    floor = fields.Monetary("Least to accept", readonly=True, aggregator=None)
    floor_terms = fields.Html("How it comes about", compute="_compute_floor_terms", sanitize=False)
    approved_by = fields.Many2one("res.users", "Approved by", readonly=True, ondelete="restrict", tracking=True)
    approve_reason = fields.Char("Approved because", readonly=True, tracking=True)

    seen_partial = fields.Integer(readonly=True, aggregator=None, help="What was matched up to here came before the offer, also on its first day.")
    seen_item = fields.Integer(readonly=True, aggregator=None, help="Money up to here came before the offer, whenever it is matched.")
    paid_amount = fields.Monetary("Paid", readonly=True)
    missing_amount = fields.Monetary("Missing", readonly=True)
    taken_on = fields.Date(readonly=True)
    held_until = fields.Date(readonly=True, help="An online payment begun in time is on its way: so long it may arrive.")
    ended_on = fields.Date("Lapsed or withdrawn on", readonly=True)
    ended_by = fields.Many2one("res.users", "Withdrawn by", readonly=True, ondelete="restrict")
    end_reason = fields.Char("Withdrawn because", readonly=True, tracking=True)
    booked_on = fields.Date(readonly=True, tracking=True)
    booked_amount = fields.Monetary("Booked off", readonly=True, help="What was given up in fact; less than offered where more was paid.")
    book_error = fields.Char("Could not be booked", readonly=True)
    bounced_on = fields.Date("Payment taken back on", readonly=True, tracking=True)
    undone_on = fields.Date("Booking undone on", readonly=True, tracking=True, help="Since when an entry that was booked for it is not in the books.")
    mailed_on = fields.Date("Last mail on", readonly=True)
    mailed_to = fields.Char("Last mail to", readonly=True)
    move_ids = fields.One2many("account.move", "collection_settlement_id", "Booked for it", readonly=True,
                               groups="account_credit_collection.group_viewer")
    outcome = fields.Char(compute="_compute_outcome")

    _amount_positive = models.Constraint("CHECK(amount > 0)", "The amount to pay must be more than zero.")
    _name_uniq = models.UniqueIndex("(name)", "There is a settlement offer with this number already.")
    _to_book_idx = models.Index("(id) WHERE state = 'taken' AND booked_on IS NULL")

    @api.depends("line_ids.document")
    def _compute_subject(self):
        for record in self:
            record.subject = ", ".join(dict.fromkeys(record.line_ids.mapped("document")))

    @api.depends("debt", "chance", "floor", "age_days", "agency_fee", "interest", "months", "handling")
    @api.depends_context("lang")
    def _compute_floor_terms(self):
        for record in self:
            record.floor_terms = record._explain_floor()

    @api.depends("state", "paid_amount", "missing_amount", "taken_on", "until", "end_reason", "booked_on", "booked_amount", "bounced_on", "undone_on",
                 "held_until", "book_error")
    @api.depends_context("lang")
    def _compute_outcome(self):
        for record in self:
            record.outcome = describe(self.env, f"settlement_{record._standing()}", record._prepare_outcome())

    def _standing(self):
        """The code of what there is to say of it."""
        if self.state == "offered" and self.held_until:
            return "on_its_way"
        if self.state == "taken":
            return "bounced" if self.bounced_on else "undone" if self.undone_on else "booked" if self.booked_on else "book_error" if self.book_error else "taken"
        if self.state == "withdrawn" and not self.end_reason:
            return "withdrawn_plain"
        return f"{self.state}_part" if self.paid_amount and self.state in ("offered", "lapsed") else self.state

    def _prepare_outcome(self):
        money = self.currency_id.format if self.currency_id else str
        days = {name: self[name] and self[name].isoformat() for name in ("until", "held_until", "taken_on", "booked_on", "bounced_on", "undone_on")}
        return {**days, "paid": money(self.paid_amount), "missing": money(self.missing_amount), "given": money(self.booked_amount),
                "why": self.end_reason, "error": self.book_error}

    def _is_live(self):
        """Whether nothing else may be agreed on about its items."""
        return self.state in ("to_approve", "offered") or (self.state == "taken" and not self.booked_on)

    def _sentence(self):
        """“300.00 instead of 500.00 by 3 December”."""
        return self.env._("%(amount)s instead of %(debt)s by %(day)s", amount=self.currency_id.format(self.amount),
                          debt=self.currency_id.format(self.debt), day=format_date(self.env, self.until))

    # ------------------------------------------------------------------ rights

    @api.model
    def _check_group(self, group):
        if not self.env.user.has_group(group):
            raise AccessError(self.env._("Only credit managers do that.") if group == MANAGER else
                              self.env._("Only collectors and credit managers make settlement offers."))

    def write(self, vals):
        if not self.env.su and any(self._fields[name]._module == "account_credit_collection" for name in vals):
            raise AccessError(self.env._("A settlement offer is not changed. Withdraw it and make a new one."))
        return super().write(vals)

    # ------------------------------------------------------------------ making one

    @api.model
    def _make(self, profile, items, amount, until, reason=None):
        """A draft in the name of ``env.user``: pay ``amount`` until a day, and the rest of ``items`` is given up."""
        self._check_group(COLLECTOR)
        self._check_given(amount, items.currency_id[:1] or profile.company_id.currency_id)
        profile.check_access("read")
        items.check_access("read")
        # sudo: an offer is made by this method only
        record = self.sudo().with_context(clean_context(self.env.context)).create({  # pylint: disable=context-overridden
            "name": self.env["ir.sequence"].sudo().next_by_code("collection.settlement"), "profile_id": profile.id,
            "currency_id": items[:1].currency_id.id or profile.company_id.currency_id.id, "amount": amount, "until": until,
            "reason": reason, "made_by": self.env.uid})
        # sudo: a line is made with its offer only
        self.env["collection.settlement.line"].sudo().create([
            {"settlement_id": record.id, "item_id": item.id, "document": item.move_name or item.name or "/", "amount": 0.0,
             "due": item.date_maturity or item.date, "is_charge": bool(item.move_id.collection_charge_id)} for item in items])
        record._take_stock()
        record._check_offer()
        return record.with_env(self.env)

    @api.model
    def _default_until(self, company, today):
        """So many working days ahead as the company gives, or fewer where it allows no more."""
        calendar = self.env["collection.reader"]._read_calendars(company, (), today)[None]
        return min(calendar.add_working_days(today, company.collection_settlement_days),
                   today + timedelta(days=company.collection_settlement_max_days))

    # ------------------------------------------------------------------ paying online

    def _pay_items(self):
        """Invoices before charges, so that what is waived are the charges."""
        return self.line_ids.item_id.filtered(lambda item: item.parent_state == "posted").sorted(
            lambda item: (bool(item.move_id.collection_charge_id), item.date_maturity or item.date, item.id))

    def _pay_moves(self):
        return self._pay_items().move_id

    def _pay_wishes(self):
        """What is missing of the offer while it stands, afterwards all that is open."""
        if self._is_standing():
            return [("offer", self.env._("Our offer, with which everything is settled"), self.missing_amount)]
        return super()._pay_wishes() if self.state in ("offered", "lapsed", "withdrawn") and self.made_on else []
