from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..engine import hold, limit
from ..engine.money import exact
from .collection_reason import describe
from .credit_hold import Demand
from .credit_limit import MEANINGS


class CreditProfile(models.Model):
    """How much credit a customer has: the limit in force, what is taken up of it, and what blocks business.

    The limit is kept on the profile and mirrored into core whenever a decision is made
    and every night; exposure is always computed live.
    """

    _inherit = "credit.profile"

    limit_ids = fields.One2many("credit.limit", "profile_id", "Limit decisions")
    limit_meaning = fields.Selection(MEANINGS, "Credit", default="none", required=True, readonly=True, copy=False)
    limit_amount = fields.Monetary("Credit limit", readonly=True, copy=False, aggregator="sum")
    limit_until = fields.Date("Limit until", readonly=True, copy=False, index="btree_not_null")
    base_line_id = fields.Many2one("credit.limit", "Base limit in force", readonly=True, copy=False, ondelete="set null")
    limit_code = fields.Char(readonly=True, copy=False, default=limit.NO_LIMIT)
    cap_amount = fields.Monetary("Approved ceiling", readonly=True, copy=False, aggregator=None)
    limit_text = fields.Char("Limit", compute="_compute_limit_text")
    limit_reason = fields.Char("Why this limit", compute="_compute_limit_text")
    waiting_limit_count = fields.Integer(compute="_compute_waiting_limit_count")
    open_hold_count = fields.Integer(compute="_compute_open_hold_count")
    group_head_id = fields.Many2one("credit.profile", "Head of the group", tracking=True, index="btree_not_null", ondelete="restrict",
                                    domain="[('company_id', '=', company_id), ('group_head_id', '=', False), ('id', '!=', id)]",
                                    help="The group limit of the head holds for the exposure of all members together.")
    group_member_ids = fields.One2many("credit.profile", "group_head_id", "Members of the group")
    credit_stop = fields.Boolean("Serve no more", tracking=True, help="Orders and invoices stop until this is taken back.")
    credit_stop_reason = fields.Char("Why no more", tracking=True)
    exposure = fields.Monetary(compute="_compute_standing", aggregator=None)
    exposure_parts = fields.Json(compute="_compute_standing")
    available = fields.Monetary(compute="_compute_standing", aggregator=None)
    limit_used = fields.Float("Limit used (%)", compute="_compute_standing", aggregator=None)
    hold_state = fields.Selection([("pass", "None"), ("warn", "Warning"), ("hold", "On hold"), ("stop", "Stopped")],
                                  "Credit hold", compute="_compute_standing")
    hold_reason = fields.Text("Why on hold", compute="_compute_standing")
    hold_ids = fields.One2many("credit.hold", "profile_id", "Held orders and invoices")
    application_ids = fields.One2many("credit.application", "profile_id", "Credit applications")
    check_count = fields.Integer(readonly=True, copy=False, help="Raised by each check, so that two cannot pass at once.")

    @api.constrains("group_head_id", "group_member_ids")
    def _check_group(self):
        for profile in self:
            if profile.group_head_id and (profile.group_member_ids or profile.group_head_id.group_head_id
                                          or profile.group_head_id.company_id != profile.company_id):
                raise ValidationError(self.env._("%s: a group has one head of the same company, and no groups within it.", profile.display_name))

    @api.depends("limit_meaning", "limit_amount", "limit_until", "limit_code", "cap_amount")
    @api.depends_context("lang")
    def _compute_limit_text(self):
        labels = dict(self._fields["limit_meaning"]._description_selection(self.env))
        for profile in self:
            money = profile.currency_id.format(profile.limit_amount) if profile.currency_id else ""
            profile.limit_text = money if profile.limit_meaning == "amount" else labels.get(profile.limit_meaning)
            until = profile.limit_until and profile.limit_until.isoformat()
            code = "base_open" if profile.limit_code == limit.BASE and not until else profile.limit_code
            profile.limit_reason = describe(self.env, f"limit_{code}", {"until": until})

    @api.depends("limit_ids.state")
    def _compute_waiting_limit_count(self):
        waiting = dict(self.env["credit.limit"]._read_group(
            [("profile_id", "in", self.ids), ("state", "=", "proposed")], ["profile_id"], ["__count"]))
        for profile in self:
            profile.waiting_limit_count = waiting.get(profile, 0)

    def _compute_open_hold_count(self):
        held = dict(self.env["credit.hold"]._read_group(
            [("profile_id", "in", self.ids), ("state", "=", "held")], ["profile_id"], ["__count"]))
        for profile in self:
            profile.open_hold_count = held.get(profile, 0)

    def _compute_standing(self):
        """Live, for the few customers on a screen; what would happen to an order of theirs now."""
        for company, profiles in self.grouped("company_id").items():
            today = company._collection_today() if company else None
            standings = profiles.sudo()._read_credit(today) if company else {}  # sudo: orders of any salesperson count
            rules = self.env["credit.hold.rule"]._in_force(company, "order") if company else ()
            for profile in profiles:
                profile.update(profile._prepare_standing(standings.get(profile.id), rules))

    def _prepare_standing(self, standing, rules):
        if not standing:
            return {"exposure": 0.0, "exposure_parts": {}, "available": 0.0, "limit_used": 0.0, "hold_state": "pass", "hold_reason": False}
        credit = standing.credit
        least = exact(self.currency_id.rounding)  # what the last unit taken up would meet
        before = credit._replace(exposure=credit.exposure - least, group=credit.group and (credit.group[0], credit.group[1] - least))
        verdict = self.env["credit.hold"]._decide_hold(before, Demand(self.browse(), self.partner_id, least), rules)
        left = credit.limit.left(credit.exposure)
        return {
            "exposure": float(credit.exposure), "available": float(left or 0),
            "exposure_parts": {name: float(amount) for name, amount in standing.parts.items()},
            "limit_used": float(100 * credit.exposure / credit.limit.amount) if credit.limit.amount else 0.0,
            "hold_state": verdict.outcome,
            "hold_reason": "\n".join(self.env["credit.hold"]._sentences(verdict.findings, self.company_id)) or False,
        }

    # ------------------------------------------------------------------ the limit in force

    def _own_limit(self):
        """The limit as last brought up to date: None without one, company currency."""
        self.ensure_one()
        return None if self.limit_meaning == "none" else self.limit_amount

    def _refresh_limits(self, today=None):
        """Bring the limit of customers up to date with the journal and the day, and core with it."""
        grants = self.env["credit.limit"]._grants(self)
        for company, profiles in self.grouped("company_id").items():
            day = today or company._collection_today()
            changed = profiles.browse()
            values = []
            for profile in profiles:
                new = profile._prepare_limit(grants.get(profile.id, ()), day)
                if any((profile[name].id if name == "base_line_id" else profile[name]) != value for name, value in new.items()):
                    changed += profile
                    values.append(new)
            begun = changed.browse([profile.id for profile, new in zip(changed, values) if profile.base_line_id.id != new["base_line_id"]])
            changed._write_snapshot(values)
            begun = begun.filtered("base_line_id")
            begun._follow_base(begun.base_line_id)
            profiles.filtered(lambda profile: profile.id in grants)._mirror_limits()

    def _prepare_limit(self, lines, today):
        found = self._decide_limit(tuple(line._to_engine() for line in lines), today)
        base = {line.id: line for line in lines}.get(found.base)
        meaning = "none" if found.amount is None else "amount" if found.amount else "prepay"
        return {"limit_meaning": meaning, "limit_amount": float(found.amount or 0), "limit_until": found.until or False,
                "limit_code": found.reason, "cap_amount": base.cap if base else 0.0,
                "base_line_id": base.id if base else False}

    def _decide_limit(self, grants, today):
        """One engine call: the place to hook another way to find the limit."""
        company = self.company_id
        return limit.in_force(grants, today, company.credit_expired, company._credit_default_limit())

    def _mirror_limits(self):
        """Show the limit in core's own field, of the branches too: 0 there means none, so prepayment is the smallest amount."""
        for company, profiles in self.grouped("company_id").items():
            wanted = profiles.grouped(lambda profile: profile._mirrored_limit())
            for branch in self.env["res.company"].search([("id", "child_of", company.id)]):
                for amount, members in wanted.items():
                    members._show_in_core(branch, "credit_limit", amount)

    def _show_in_core(self, company, name, value):
        """Put a decision into a field of core's customer form, and of the contacts that share it.

        A mirror, not an edit of the customer: core would ask for the contacts and users of each one on its own.
        """
        customers = self.partner_id.with_company(company).filtered(lambda partner: partner[name] != value)
        if customers:
            family = customers.with_context(active_test=False).search([("commercial_partner_id", "in", customers.ids)])
            family._fields[name].write(family, value)
            family.modified([name])

    def _mirrored_limit(self):
        return self._in_core(self._own_limit())

    def _in_core(self, amount):
        """A limit as core's field holds it."""
        return 0.0 if amount is None else float(amount) or self.currency_id.rounding

    def _follow_base(self, lines):
        """What new base limits, oldest first, bring with them besides the amount."""

    # ------------------------------------------------------------------ the customer as of now

    def _read_credit(self, today, skip_moves=()):
        """How customers of one company stand now: ``{profile id: Credit}``, in a fixed number of queries."""
        grants = self.env["credit.limit"]._grants(self | self.group_head_id)
        heads = (self | self.group_head_id).filtered(
            lambda profile: any(line.kind == limit.GROUP for line in grants.get(profile.id, ())))
        # an archived member still owes
        members = self.browse(self.with_context(active_test=False).search([("group_head_id", "in", heads.ids)]).ids) if heads else self.browse()
        read = self._exposure_parts(self | heads | members, today, skip_moves)
        return {profile.id: profile._to_credit(grants, read, members, today) for profile in self}

    def _read_credit_locked(self, today, skip_moves=()):
        """The standings of customers, each behind its row, so that of two documents at once one has to look again.

        The database runs every transaction on its own picture: who changes the row second
        is turned away and repeated by Odoo, and then sees what the first one took up.
        """
        read = self._read_credit(today, skip_moves)
        bound = self.filtered(lambda profile: read[profile.id].credit.limit.amount is not None or read[profile.id].credit.group)
        (bound | bound.group_head_id)._count_check()
        return {profile: exposure.credit for profile, exposure in read.items()}

    def _count_check(self):
        """Change the rows of customers, which no two transactions can at once."""
        rows = self.sorted("id")
        rows._write_snapshot([{"check_count": row.check_count + 1} for row in rows])

    @api.model
    def _exposure_parts(self, profiles, today, skip_moves=()):
        """What customers have taken up, as named amounts in company currency: ``{partner id: Exposure}``.

        The place to hook more: add an amount to ``parts``.
        """
        return self.env["collection.reader"]._read_exposure(profiles.company_id, profiles.partner_id.ids, today, skip_moves)

    def _to_credit(self, grants, read, members, today):
        own = read[self.partner_id.id]
        found = self._limit_of(grants, today)
        credit = hold.Standing(
            limit=found, exposure=limit.total(own.parts), items=own.items, credits=-own.parts["credits"],
            receivable=own.parts["receivable"], group=self._to_group(found, grants, read, members, today),
            stopped=(self.credit_stop_reason or self.env._("by decision of the credit manager")) if self.credit_stop else "")
        return own._replace(credit=credit)

    def _limit_of(self, grants, today):
        return self._decide_limit(tuple(line._to_engine() for line in grants.get(self.id, ())), today)

    def _to_group(self, found, grants, read, members, today):
        """The limit of the group and the exposure of all its members, or None; ``found`` is the customer's own limit."""
        head = self.group_head_id or self
        whole = (found if head == self else head._limit_of(grants, today)).parts.get(limit.GROUP)
        if whole is None:
            return None
        family = head | members.filtered(lambda member: member.group_head_id == head)
        return whole, sum((limit.total(read[member.partner_id.id].parts) for member in family), Decimal(0))

    # ------------------------------------------------------------------ actions

    def action_set_limit(self):
        """Decide on the credit of these customers."""
        if len(self.company_id) > 1:
            raise UserError(self.env._("These customers belong to several companies: %s. Choose those of one.",
                                       ", ".join(self.company_id.mapped("name"))))
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.credit_limit_wizard_action")
        return dict(action, context={"default_profile_ids": self.ids})

    def action_open_limits(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.credit_limit_action")
        return dict(action, domain=[("profile_id", "in", self.ids)], context={})

    def action_open_holds(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.credit_hold_action")
        return dict(action, domain=[("profile_id", "in", self.ids)], context={})
