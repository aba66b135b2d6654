from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools.misc import formatLang

from .credit_segment import CRITERIA

SHOWN = 20


class Preview(NamedTuple):
    """Who would be in a segment: members in all, and those that come from or leave for other segments, the largest first.

    ``come`` and ``leave`` are pairs of a member and the id of the other segment, None for no segment.
    """

    count: int
    balance: Decimal
    come: list
    leave: list


class CreditSegment(models.Model):
    """The look at a segment before it is saved or put into force, from the figures of the last night."""

    _inherit = "credit.segment"

    preview_count = fields.Integer("Customers it would have", compute="_compute_preview", groups="account_credit_collection.group_manager")
    preview_balance = fields.Monetary("Their open balance", compute="_compute_preview", groups="account_credit_collection.group_manager")
    preview_come = fields.Integer("Would come", compute="_compute_preview", groups="account_credit_collection.group_manager")
    preview_leave = fields.Integer("Would leave", compute="_compute_preview", groups="account_credit_collection.group_manager")
    preview_text = fields.Char(compute="_compute_preview", groups="account_credit_collection.group_manager")
    preview = fields.Html(compute="_compute_preview", groups="account_credit_collection.group_manager", sanitize=False)

    @api.depends(*CRITERIA, "sequence", "active", "company_id")
    @api.depends_context("lang")
    def _compute_preview(self):
        for record in self:
            seen = record._preview()
            record.preview_count, record.preview_balance = seen.count, float(seen.balance)
            record.preview_come, record.preview_leave = len(seen.come), len(seen.leave)
            record.preview_text = record._arm_words(seen)
            record.preview = record._render_preview(seen)

    def _preview(self):
        """Sort all customers as if this segment were in force as it stands here; whoever is set by hand stays."""
        self.ensure_one()
        segments = self._in_force(self.company_id) - self._origin
        earlier = [one._to_engine() for one in segments if self._comes_after(one)]
        later = [one._to_engine() for one in segments if not self._comes_after(one)]
        return self._sort_preview([*earlier, self._to_engine()._replace(key=0)] if self.active else earlier, later)

    def _sort_preview(self, first, later):
        """``first`` ends with this segment, whose key is 0; the ``later`` ones are asked for those that leave it only."""
        Profile, Reader = self.env["credit.profile"], self.env["collection.reader"]
        members = Reader._read_members(self.company_id) if self.company_id else []
        tags = Reader._read_tags([one.partner for one in members]) if any(rule.tags for rule in first + later) else {}
        count, balance, come, leave, mine = 0, Decimal(0), [], [], self._origin.id
        standing = {(rule.key or mine) for rule in first + later}
        for one in members:
            here = bool(mine) and one.segment == mine
            facts = Profile._to_facts(one, tags.get(one.partner, frozenset()))
            kept = Profile._is_kept(one, standing)
            found = None if kept else self._decide_match(facts, first)[0]
            if here and kept or found and found.key == 0:
                count, balance = count + 1, balance + one.balance
                if not here:
                    come.append((one, one.segment))
            elif here:
                found = found or self._decide_match(facts, later)[0]
                leave.append((one, found and found.key))
        return Preview(count, balance, come, leave)

    def _arm_words(self, seen):
        """What is asked before a draft is put into force."""
        return self.env._("Customers in this segment from the coming night on: %(count)s, with %(open)s open. New among them: %(come)s.",
                          count=self._number(seen.count), open=self.company_id.currency_id.format(float(seen.balance)), come=self._number(len(seen.come)))

    def _number(self, count):
        return formatLang(self.env, count, digits=0)

    def _render_preview(self, seen):
        """The numbers and the largest by name, as a page of its own."""
        names = {one.id: one.name for one in self.with_context(active_test=False).search([("company_id", "=", self.company_id.id)])}
        sides = [self._render_side(kind, pairs, names) for kind, pairs in (("come", seen.come), ("leave", seen.leave)) if pairs]
        return self.env["ir.qweb"]._render("account_credit_collection.credit_segment_preview", {"sides": sides}, minimal_qcontext=True)

    def _render_side(self, kind, pairs, names):
        """Who comes, or who leaves: heading, ``[(sentence, balance)]`` by the other segment, and the largest customers."""
        count, money = self._number(len(pairs)), self.company_id.currency_id.format
        return {"title": self.env._("Would come: %s", count) if kind == "come" else self.env._("Would leave: %s", count),
                "groups": [(self._group_words(kind, names.get(other), self._number(number)), money(float(balance)))
                           for other, number, balance in self._by_segment(pairs)],
                "shown": len(pairs) > SHOWN and self.env._("The %s with the largest balance:", SHOWN),
                "largest": [(one.name, names.get(other), money(float(one.balance))) for one, other in pairs[:SHOWN]]}

    def _group_words(self, kind, name, count):
        if kind == "come":
            return self.env._("%(count)s from “%(segment)s”", count=count, segment=name) if name else self.env._("%s from no segment", count)
        return self.env._("%(count)s to “%(segment)s”", count=count, segment=name) if name else self.env._("%s to no segment", count)

    def _by_segment(self, pairs):
        """How many come from each other segment or leave for it, and their balance, the most first: ``[(segment id, count, balance)]``."""
        groups = {}
        for one, other in pairs:
            count, balance = groups.get(other, (0, Decimal(0)))
            groups[other] = count + 1, balance + one.balance
        return sorted(((other, *figures) for other, figures in groups.items()), key=lambda group: -group[1])

    # ------------------------------------------------------------------ into force

    def action_ask_arm(self):
        """The numbers once more, and the question."""
        self.ensure_one()
        self.check_access("write")
        return {"type": "ir.actions.act_window", "name": self.env._("Put “%s” into force", self.name), "res_model": self._name, "res_id": self.id,
                "view_mode": "form", "target": "new", "views": [(self.env.ref("account_credit_collection.credit_segment_view_form_arm").id, "form")]}

    def action_arm(self):
        """From the coming night on the segment takes customers."""
        self.check_access("write")
        self.write({"is_draft": False})

    def action_disarm(self):
        """Back to draft: its customers go where they fit, in the coming night."""
        self.check_access("write")
        self.write({"is_draft": True})

    def action_sort(self):
        """Sort the customers of the chosen companies, whose segments the list shows, now instead of in the night."""
        self.check_access("write")
        # sudo: all customers are sorted, also those of other collectors; the right to define segments was checked
        Profile = self.env["credit.profile"].sudo()
        moved = sum(Profile._sort_customers(company, company._collection_today()) for company in self.env.companies.root_id)
        return {"type": "ir.actions.client", "tag": "display_notification", "params": {
            "type": "success", "message": self.env._("Customers moved to another segment: %s", moved), "next": {"type": "ir.actions.client", "tag": "soft_reload"}}}

    def action_open_profiles(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.credit_profile_action")
        return dict(action, domain=[("segment_id", "=", self.id)], context={})

    def action_open_moves(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.credit_segment_move_action")
        return dict(action, domain=["|", ("from_id", "=", self.id), ("to_id", "=", self.id)], context={})
