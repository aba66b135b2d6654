from odoo import api, fields, models
from odoo.exceptions import AccessError

from .collection_level import CHANNELS
from .collection_reason import describe
from .collection_self_check import MANAGER

NAMED = 3  # records that a sentence names
MONEY = ("total", "parts", "paid", "booked", "charged", "due", "amount", "lines", "billed", "cap")


class CollectionSelfCheckLine(models.Model):
    """Something that must be true and is not: which records, since when, what is wrong, and what to do about it."""

    _name = "collection.self.check.line"
    _description = "Violation found by a Self-check"
    _order = "check_id desc, is_new desc, id"
    _rec_name = "name"
    _rec_names_search = ["code"]
    _log_access = False

    check_id = fields.Many2one("collection.self.check", "Self-check", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one(related="check_id.company_id", store=True, index=True)
    code = fields.Char("Check", required=True, readonly=True)
    name = fields.Char("Checked", compute="_compute_text")
    rule = fields.Char(required=True, readonly=True)
    model = fields.Char(required=True, readonly=True)
    res_ids = fields.Json(readonly=True)
    detail = fields.Json(readonly=True)
    key = fields.Char(required=True, readonly=True)
    since = fields.Datetime("Found first on", required=True, readonly=True)
    is_new = fields.Boolean("New", readonly=True)
    settled_by = fields.Many2one("res.users", ondelete="restrict", readonly=True)
    settled_on = fields.Datetime(readonly=True)
    records = fields.Char(compute="_compute_text")
    text = fields.Text("What is wrong", compute="_compute_text")
    advice = fields.Text("What to do", compute="_compute_text")

    @api.depends("code", "rule", "detail", "res_ids")
    @api.depends_context("lang")
    def _compute_text(self):
        for line in self:
            line.name = describe(self.env, f"check_{line.code}")
            line.records = line._names()
            line.text = describe(self.env, f"invariant_{line.rule}", {"records": line.records, **line._told()})
            line.advice = describe(self.env, f"invariant_{line.rule}_do")

    def _records(self):
        """What is left of the records it is about."""
        self.ensure_one()
        # sudo: whoever sees that something is wrong may know with what; opening it asks for the right
        return self.env[self.model].sudo().browse(self.res_ids or ()).exists() if self.model in self.env else self.browse()

    def _names(self):
        records = self._records()
        if not records:
            return self.env._("Records that were deleted since")
        names = ", ".join(record.display_name or str(record.id) for record in records[:NAMED])
        return self.env._("%(names)s and %(more)s more", names=names, more=len(records) - NAMED) if len(records) > NAMED else names

    def _told(self):
        """The figures of the sentence as its reader writes them."""
        detail = {**dict.fromkeys(MONEY, "–"), **(self.detail or {})}
        currency = self.env["res.currency"].browse(detail.pop("currency", None))
        detail |= {name: currency.format(detail[name] or 0.0) for name in MONEY if currency and name in (self.detail or {})}
        labels = dict(CHANNELS)
        if detail.get("channel") in labels:
            detail["channel"] = dict(self.env["collection.action"]._fields["channel"]._description_selection(self.env))[detail["channel"]]
        return detail

    def _prepare_since(self):
        """What stays when it is found again: since when, and who settled it."""
        self.ensure_one()
        return {"since": self.since, "is_new": False, "settled_by": self.settled_by.id, "settled_on": self.settled_on}

    def _prepare_again(self):
        """The same line for another check, which could not look."""
        return {**self._prepare_since(), **{name: self[name] for name in ("code", "rule", "model", "res_ids", "detail", "key")}}

    def _in_ids(self):
        """The violation without a word about anybody."""
        return f"{self.code} {self.model} {' '.join(map(str, self.res_ids or ()))}"

    # ------------------------------------------------------------------ buttons

    def _check_manager(self):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("The self-check is looked at by credit managers."))

    def action_settle(self):
        """What happened cannot be undone, or is as it should be: nobody is told of it any more."""
        self._check_manager()
        # sudo: what a check found is written by methods only
        lines = self.sudo().search([("key", "in", self.mapped("key")), ("company_id", "in", self.company_id.ids), ("settled_on", "=", False)])
        lines.write({"settled_by": self.env.uid, "settled_on": fields.Datetime.now()})
        lines.check_id._forget_tasks()
        lines.check_id._tell_heartbeat()

    def action_open(self):
        """The records, one by itself or all in a list."""
        self.ensure_one()
        self._check_manager()
        ids = self._records().ids
        action = {"type": "ir.actions.act_window", "name": self.name, "res_model": self.model, "context": {"create": False, "active_test": False}}
        if len(ids) == 1:
            return {**action, "res_id": ids[0], "views": [(False, "form")]}
        return {**action, "domain": [("id", "in", ids)], "views": [(False, "list"), (False, "form")]}
