from odoo import api, fields, models
from odoo.exceptions import AccessError

from .collection_reason import describe
from .collection_retention_kinds import KINDS

BASES = [("law", "Law"), ("contract", "Contract"), ("legitimate", "Legitimate interest")]
EFFECTS = [("delete", "Deleted"), ("blank", "Emptied")]


class CollectionRetentionRule(models.Model):
    """How long one kind of data about people is kept by one company, why, and what happens then (R-108).

    What there is to keep is said by the code (``KINDS``); how long, and on what basis, is said here. Posted entries
    are never touched, nor what an open case still needs.
    """

    _name = "collection.retention.rule"
    _description = "Retention Rule"
    _order = "company_id, sequence, id"
    _rec_name = "name"

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict", readonly=True)
    code = fields.Char(required=True, readonly=True)
    sequence = fields.Integer(readonly=True)
    active = fields.Boolean("By itself", default=True, help="Without it nothing of this kind is ever deleted.")
    own_months = fields.Integer(required=True)
    months = fields.Integer(compute="_compute_months", inverse="_inverse_months", aggregator=None)
    basis = fields.Selection(BASES, required=True)
    own_note = fields.Char(translate=True)
    basis_note = fields.Char("In words", compute="_compute_basis_note", inverse="_inverse_basis_note",
                             help="The law, the contract or the interest for which it is kept. What law asks for depends on the country: "
                                  "commercial letters, reminders among them, must be kept for up to 6 years in Germany and 10 in Belgium. "
                                  "Have it checked, and set the months and the basis accordingly.")
    effect = fields.Selection(EFFECTS, "Then", compute="_compute_kind",
                              help="Deleted: the whole record goes. Emptied: what is personal goes, days, amounts and outcomes stay for the figures.")
    name = fields.Char("What is stored", compute="_compute_kind")
    why = fields.Char("What for", compute="_compute_kind")
    since = fields.Char("Counted from", compute="_compute_kind")
    stored_count = fields.Integer("Stored", compute="_compute_counts", aggregator=None)
    due_count = fields.Integer("Due", compute="_compute_counts", aggregator=None)
    next_on = fields.Date("Next purge", compute="_compute_next_on")
    last_on = fields.Date("Last purge", readonly=True)
    log_ids = fields.One2many("collection.retention.log", "rule_id", "Purges")

    _code_uniq = models.UniqueIndex("(company_id, code)", "A company has one rule for a kind of data.")
    _months_positive = models.Constraint("CHECK(own_months > 0)", "Data is kept for at least a month.")

    # ------------------------------------------------------------------ what the code knows of a kind

    @property
    def _kind(self):
        return KINDS[self.code]

    def _is_known(self):
        """A kind of an earlier version may be gone, and so may an addon with its model."""
        return self.code in KINDS and self._kind.model in self.env

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_kind(self):
        for rule in self:
            known = rule._is_known()
            rule.effect = rule._kind.effect if known else False
            rule.name = describe(self.env, f"keep_{rule.code}", {}) if known else rule.code
            rule.why = describe(self.env, f"keep_{rule.code}_why", {}) if known else False
            rule.since = describe(self.env, f"keep_since_{rule._kind.since.rpartition('.')[2]}", {}) if known else False

    @api.depends("own_months", "code", "company_id.credit_retention_months")
    def _compute_months(self):
        """That of applications is the company's setting, of which the privacy notice speaks."""
        for rule in self:
            rule.months = rule.company_id.credit_retention_months if rule.code == "application" else rule.own_months

    def _inverse_months(self):
        for rule in self:
            if rule.code == "application":
                rule.company_id.sudo().credit_retention_months = rule.months  # sudo: managers need not administer companies
            else:
                rule.own_months = rule.months

    @api.depends("own_note", "basis", "code")
    @api.depends_context("lang")
    def _compute_basis_note(self):
        """The reason of the kind, as long as nobody wrote or chose another one."""
        for rule in self:
            own = rule._is_known() and rule._kind.basis == rule.basis and rule._kind.ground
            rule.basis_note = rule.own_note or describe(self.env, f"keep_as_{own or rule.basis}", {})

    def _inverse_basis_note(self):
        for rule in self:
            rule.own_note = rule.basis_note

    def _compute_counts(self):
        for rule in self:
            known = rule._is_known() and rule.company_id
            rule.stored_count = rule._stored().search_count(rule._domain()) if known else 0
            rule.due_count = rule._stored().search_count(rule._domain(due=True)) if known and rule.active else 0

    def _compute_next_on(self):
        job = self.env.ref("account_credit_collection.ir_cron_collection_retention", raise_if_not_found=False)
        due = job and job.sudo().nextcall  # sudo: when a job runs is no secret
        self.next_on = due and due.date()

    # ------------------------------------------------------------------ rights

    def write(self, vals):
        """What is kept, and by whom, is not for a person to rename."""
        if not self.env.su and {"code", "company_id", "sequence", "last_on"} & set(vals):
            raise AccessError(self.env._("Only the period, the basis and the switch of a retention rule can be changed."))
        return super().write(vals)

    def action_open_due(self):
        """Those that the next purge takes."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_window", "name": self.name, "res_model": self._kind.model, "view_mode": "list,form",
                "domain": self._domain(due=True), "context": {"create": False, "active_test": False}}

    def action_open_log(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_retention_log_action")
        return dict(action, domain=[("rule_id", "=", self.id)])

    # ------------------------------------------------------------------ every company has all rules

    @api.model
    def _ensure_all(self):
        """Rules of the kinds that companies have none for yet; also after an update that brings new kinds."""
        for company in self.env["res.company"].search([("parent_id", "=", False)]):
            self._ensure(company)

    @api.model
    def _ensure(self, company):
        known = set(self.with_context(active_test=False).search([("company_id", "=", company.id)]).mapped("code"))
        self.create([{"company_id": company.id, "code": code, "sequence": place, "own_months": kind.months, "basis": kind.basis}
                     for place, (code, kind) in enumerate(KINDS.items(), 1) if code not in known and kind.model in self.env])


class CollectionRetentionLog(models.Model):
    """What a purge took away: numbers only, so that the log tells nothing of whom."""

    _name = "collection.retention.log"
    _description = "Purge"
    _order = "id desc"
    _rec_name = "on"

    rule_id = fields.Many2one("collection.retention.rule", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one(related="rule_id.company_id", store=True, index=True)
    name = fields.Char(related="rule_id.name")
    on = fields.Date(required=True, readonly=True)
    count = fields.Integer("Number", readonly=True)
    months = fields.Integer("Kept for (months)", readonly=True, aggregator=None)
