import hashlib
import json
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools.mail import plaintext2html

from ..engine import followup
from ..exceptions import KeyConflictError
from .bulk import insert_rows
from .collection_level import BEHAVIOURS, CHANNELS
from .collection_reason import describe, jsonable

KINDS = [("before", "Before due"), ("after", "After due")]
STATES = [
    ("planned", "To approve"),
    ("ready", "Ready"),
    ("checking", "Being checked"),
    ("sending", "Being sent"),
    ("waiting", "To do by hand"),
    ("sent", "Sent"),
    ("retry", "To be retried"),
    ("failed", "Failed"),
    ("unknown", "Outcome unknown"),
    ("cancelled", "Cancelled"),
    ("suppressed", "Skipped"),
]
OPEN_STATES = ("planned", "ready", "checking", "sending", "waiting", "retry", "unknown")
DEAD_STATES = ("cancelled", "failed")


class CollectionAction(models.Model):
    """One contact with one customer at one level over one channel: the outbox row.

    The row, not the mail queue, carries the state, so that a crash repeats no
    message and loses no decision. ``reason`` says why it was planned as long as it
    lives, and why it ended otherwise afterwards.
    """

    _name = "collection.action"
    _description = "Follow-up Contact"
    _inherit = ["collection.state.mixin"]
    _order = "id desc"
    _rec_name = "display_name"

    _transitions = frozenset({
        ("planned", "ready"), ("planned", "cancelled"), ("planned", "suppressed"), ("ready", "suppressed"),
        ("retry", "suppressed"), ("unknown", "suppressed"),
        ("ready", "checking"), ("ready", "cancelled"), ("ready", "planned"),
        ("checking", "ready"), ("checking", "sending"), ("checking", "waiting"), ("checking", "cancelled"),
        ("checking", "retry"), ("checking", "failed"),
        ("sending", "sent"), ("sending", "retry"), ("sending", "failed"), ("sending", "unknown"), ("sending", "ready"),
        ("retry", "ready"), ("retry", "checking"), ("retry", "cancelled"), ("retry", "failed"),
        ("waiting", "sent"), ("waiting", "cancelled"), ("waiting", "suppressed"),
        ("unknown", "sent"), ("unknown", "ready"), ("unknown", "cancelled"),
        ("sent", "failed"), ("failed", "ready"),
    })

    run_id = fields.Many2one("collection.run", index=True, ondelete="restrict", readonly=True)
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict", readonly=True)
    profile_id = fields.Many2one("credit.profile", required=True, index=True, ondelete="restrict", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", required=True, index=True, ondelete="restrict", readonly=True)
    policy_id = fields.Many2one("collection.policy", required=True, index=True, ondelete="restrict", readonly=True)
    level_id = fields.Many2one("collection.level", required=True, index=True, ondelete="restrict", readonly=True)
    collector_id = fields.Many2one("res.users", index=True, ondelete="restrict", readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    round = fields.Integer(readonly=True)
    behaviour = fields.Selection(BEHAVIOURS, "Payer", readonly=True)
    lang = fields.Char("Language", readonly=True)
    recipient_id = fields.Many2one("res.partner", index=True, ondelete="restrict", readonly=True)
    recipient = fields.Char("Address", readonly=True)
    planned_on = fields.Date(required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary("Amount asked", readonly=True, help="In the currency of the company, for information.")
    oldest_due = fields.Date(readonly=True)
    line_ids = fields.One2many("collection.action.line", "action_id", "Items")

    state = fields.Selection(STATES, default="planned", required=True, index=True, readonly=True)
    reason = fields.Char("Reason code", readonly=True)
    detail = fields.Json(readonly=True)
    reason_text = fields.Char("Why", compute="_compute_reason_text")
    planned_reason = fields.Char(readonly=True)
    planned_detail = fields.Json(readonly=True)
    planned_text = fields.Char("Why planned", compute="_compute_reason_text")

    dedupe_key = fields.Char(required=True, readonly=True, copy=False)
    payload_hash = fields.Char(required=True, readonly=True, copy=False)
    message_id = fields.Char("Message-Id", readonly=True, copy=False, index="btree_not_null")
    not_before = fields.Datetime(readonly=True, index="btree_not_null")
    attempt = fields.Integer("Attempts", readonly=True)
    worker = fields.Char(readonly=True)
    claimed_at = fields.Datetime(readonly=True)
    checked_at = fields.Datetime(readonly=True)
    sent_at = fields.Datetime(readonly=True)
    waiting_on = fields.Date("To do since", readonly=True)
    sent_on = fields.Date("Sent on", readonly=True, index="btree_not_null")
    approved_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")

    noted = fields.Boolean("In the chatter", readonly=True)
    subject = fields.Char("Subject sent", readonly=True)
    body = fields.Html(readonly=True, sanitize=False)
    sms_uuid = fields.Char(readonly=True, index="btree_not_null")
    attachment_ids = fields.Many2many("ir.attachment", readonly=True, string="Attachments")
    attachment_hash = fields.Char(readonly=True)
    letter_batch = fields.Char(readonly=True)
    print_count = fields.Integer(readonly=True)
    preview_subject = fields.Char("Subject", compute="_compute_preview")
    preview_body = fields.Html("Message", compute="_compute_preview", sanitize=False)
    activity_id = fields.Many2one("mail.activity", readonly=True, ondelete="set null")

    # A contact that failed or was called off may be planned again; anything else may not.
    _dedupe_uniq = models.UniqueIndex("(dedupe_key) WHERE state NOT IN ('cancelled', 'failed')",
                                      "The same contact is planned already.")
    _todo_idx = models.Index("(not_before, id) WHERE state IN ('ready', 'retry')")
    _open_idx = models.Index("(profile_id) WHERE state IN ('planned','ready','checking','sending','waiting','retry','unknown')")
    _unnoted_idx = models.Index("(id) WHERE state = 'sent' AND channel = 'email' AND noted IS NOT TRUE")
    _sent_idx = models.Index("(profile_id, sent_on) WHERE sent_on IS NOT NULL")

    @api.depends("partner_id", "level_id")
    def _compute_display_name(self):
        for action in self:
            action.display_name = f"{action.partner_id.display_name or ''}: {action.level_id.name or ''}"

    @api.depends("reason", "detail", "planned_reason", "planned_detail")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        for action in self:
            action.reason_text = describe(self.env, action.reason, action.detail)
            action.planned_text = describe(self.env, action.planned_reason, action.planned_detail)

    @api.depends("subject", "body", "state")
    def _compute_preview(self):
        """The message as it was made, or as it would be made now, so that who approves has read it."""
        for action in self:
            texts = {"subject": action.subject, "body": action.body}
            if action.channel == "call":
                script = action.level_id._message_for("call", action.behaviour).script
                texts["body"] = plaintext2html(script) if script else False
            elif not action.body and action.id and action.state in ("planned", "ready", "retry"):
                ready, _broken = self.env["collection.channel"].sudo()._prepare_messages(action.sudo())
                texts = next(iter(ready.values()), texts)
            action.preview_subject, action.preview_body = texts.get("subject"), texts.get("body")

    # ------------------------------------------------------------------ recording

    @api.model
    def _record(self, vals_list):
        """Create the actions that do not exist yet; the same key with another content raises KeyConflictError.

        Returns the new actions. One query looks the keys up, the unique index
        guards against a second worker.
        """
        if not vals_list:
            return self.browse()
        known = {action.dedupe_key: action.payload_hash for action in self.search_fetch(
            [("dedupe_key", "in", [vals["dedupe_key"] for vals in vals_list]), ("state", "not in", DEAD_STATES)],
            ["dedupe_key", "payload_hash"])}
        for vals in vals_list:
            if known.get(vals["dedupe_key"], vals["payload_hash"]) != vals["payload_hash"]:
                raise KeyConflictError(f"profile {vals['profile_id']}, level {vals['level_id']}")
        missing = [vals for vals in vals_list if vals["dedupe_key"] not in known]
        actions = insert_rows(self, [{name: value for name, value in vals.items() if name != "line_ids"} for vals in missing])
        insert_rows(self.env["collection.action.line"], [
            {**line, "action_id": action.id} for action, vals in zip(actions, missing) for _command, _id, line in vals["line_ids"]])
        return actions

    @api.model
    def _prepare_key(self, profile, contact, channel, recipient):
        """The identity of a contact: no run and no date, so that a repeated run finds it again (R-01).

        The leading item stands for the cycle: it takes a level and round only once.
        """
        return "|".join(map(str, (profile.company_id.id, profile.partner_id.id, contact.leading, contact.level.id,
                                  contact.round, channel, (recipient or "").lower())))

    @api.model
    def _prepare_hash(self, contact):
        """A digest of what the contact asks for."""
        content = [[line.item, line.currency, str(line.asked), line.level, line.round] for line in contact.lines]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    @api.model
    def _prepare_action(self, run, profile, policy, decision, channel, gathered):
        """The values of one action and its lines for a decided contact over ``channel``."""
        contact = decision.contact
        recipient = gathered.recipients[profile.partner_id.id].via(channel)
        rows = gathered.rows
        code, detail = self._prepare_reason(decision, rows)
        share = {line.item: line.asked / rows[line.item].residual for line in contact.lines}
        return {
            "run_id": run.id, "company_id": profile.company_id.id, "profile_id": profile.id,
            "partner_id": profile.partner_id.id, "policy_id": policy.id, "level_id": contact.level.id,
            "collector_id": profile.collector_id.id, "kind": contact.kind, "channel": channel,
            "round": contact.round, "behaviour": profile.behaviour_class or "new", "lang": recipient.lang,
            "recipient_id": recipient.partner, "recipient": recipient.address, "planned_on": run.run_date,
            "amount": sum(float(rows[item].base * part) for item, part in share.items()),
            "oldest_due": min(rows[line.item].due for line in contact.lines),
            "state": "ready", "reason": code, "detail": detail, "planned_reason": code, "planned_detail": detail,
            "dedupe_key": self._prepare_key(profile, contact, channel, recipient.address),
            "payload_hash": self._prepare_hash(contact),
            "line_ids": [(0, 0, self._prepare_line(line, contact, channel, profile, rows, policy))
                         for line in contact.lines],
        }

    @api.model
    def _prepare_line(self, line, contact, channel, profile, rows, policy):
        level = contact.level.id if line.level == contact.level.position else policy.levels[line.level].id \
            if line.level is not None else False
        row = rows[line.item]
        return {"company_id": profile.company_id.id, "item_id": line.item, "level_id": level, "round": line.round,
                "document": row.name, "channel": channel, "advances": line.advances, "live": True, "currency_id": line.currency,
                "due": row.due, "residual": float(row.residual), "asked": float(line.asked)}

    @api.model
    def _prepare_reason(self, decision, rows):
        detail = dict(decision.detail, document=rows[decision.detail["item"]].name)
        if decision.contact.kind == "before":
            return "contact_before" if detail["days"] else "contact_today", jsonable(dict(detail, days=-detail["days"]))
        return "contact", jsonable(detail)

    def _to_engine(self, policy):
        """This row as the contact the engine planned; None when its level is no longer in force."""
        self.ensure_one()
        levels = {level.id: level for level in policy.levels}
        lines = self.line_ids.filtered("item_id")
        if self.level_id.id not in levels:
            return None
        lines = tuple(followup.Line(
            line.item_id.id, line.currency_id.id, Decimal(str(line.asked)),
            levels[line.level_id.id].position if line.level_id.id in levels else None, line.round, line.advances)
            for line in lines)
        return followup.Contact(self.kind, levels[self.level_id.id], self.round, (self.channel,), lines)

    def _wants_statement(self):
        """Whether the mail needs a statement that it does not have, or that shows other amounts."""
        self.ensure_one()
        return self.channel == "email" and self.level_id.attach_statement and self.attachment_hash != self.payload_hash

    def _update_lines(self, contact, rows):
        """Bring the lines to what is asked now; what was settled leaves the message."""
        self.ensure_one()
        asked = {line.item: line.asked for line in contact.lines}
        gone = self.line_ids.filtered(lambda line: line.item_id.id not in asked)
        gone.unlink()
        changed = False
        for line in self.line_ids:
            residual, amount = float(rows[line.item_id.id].residual), float(asked[line.item_id.id])
            if line.currency_id.compare_amounts(line.residual, residual) or line.currency_id.compare_amounts(line.asked, amount):
                line.write({"residual": residual, "asked": amount})
                changed = True
        if gone or changed:
            share = {line.item: line.asked / rows[line.item].residual for line in contact.lines}
            self.write({"amount": sum(float(rows[item].base * part) for item, part in share.items()),
                        "oldest_due": min(rows[item].due for item in share), "payload_hash": self._prepare_hash(contact)})

    # ------------------------------------------------------------------ state

    def _transition(self, state, **values):
        """Keep the lines' claim on their level in step: a dead contact frees the level."""
        moving = super()._transition(state, **values)
        if state in ("ready", "sent") and "reason" not in values:
            for action in moving:
                action.write({"reason": action.planned_reason, "detail": action.planned_detail})
        if state in DEAD_STATES:
            moving.line_ids.filtered("live").write({"live": False})
        elif state in ("ready", "planned"):
            moving.line_ids.filtered(lambda line: not line.live).write({"live": True})
        return moving

    def _stop(self, code, detail=None, state="cancelled"):
        """End contacts for a reason the engine or a person gave."""
        return self._transition(state, reason=code, detail=jsonable(detail or {}), worker=False)

    def _mark_sent(self, today, **values):
        return self._transition("sent", sent_on=today, sent_at=fields.Datetime.now(), worker=False, **values)

    def _fail_after_sending(self, code, detail):
        """A message came back: the contact does not count, and a person looks for an address."""
        self._transition("failed", reason=code, detail=detail, sent_on=False)
        for action in self:
            self.env["collection.outbox"]._ask_person(action)

    # ------------------------------------------------------------------ buttons: enqueue only

    def _for_collector(self):
        """These rows, to be moved on: rows are written by the outbox only, for those who may decide."""
        if not self.env.su and not self.env.user.has_group("account_credit_collection.group_collector"):
            raise AccessError(self.env._("Only collectors may decide on contacts."))
        self.check_access("read")
        return self.sudo()  # nobody has write access, so that no one can forge a row

    def action_approve(self):
        rows = self._for_collector().filtered(lambda action: action.state == "planned")
        rows._transition("ready", approved_by=self.env.uid)
        rows.run_id._close_held()
        self.env["collection.outbox"]._wake()
        return True

    def action_cancel(self):
        rows = self._for_collector()
        rows._stop("by_user", {"user": self.env.user.name})
        rows.activity_id.unlink()
        rows.run_id._close_held()
        return True

    def action_skip(self):
        """Not over this channel and not at this level: the items go on to the next one."""
        rows = self._for_collector()
        rows._stop("skipped", {"user": self.env.user.name}, state="suppressed")
        rows.activity_id.unlink()
        rows.run_id._close_held()
        return True

    def action_retry(self):
        """Send again what failed or is unknown, with the same Message-Id."""
        self._for_collector().filtered(lambda action: action.state in ("failed", "unknown", "retry"))._transition(
            "ready", not_before=False, attempt=0)
        self.env["collection.outbox"]._wake()
        return True

    def action_confirm_sent(self):
        """A person says it went out: an unknown mail that arrived, a letter posted, a call made."""
        rows = self._for_collector().filtered(lambda action: action.state in ("unknown", "waiting"))
        for company, actions in rows.grouped("company_id").items():
            calls = actions.activity_id.filtered("active")
            actions._mark_sent(company._collection_today())
            calls._action_done()
        return True

    def action_print_letters(self):
        """Print letters in one PDF; those paid meanwhile are called off first."""
        return self.env["collection.channel"]._print_letters(self._for_collector().filtered(
            lambda action: action.channel == "letter" and action.state in ("waiting", "sent")))

    def action_open_customer(self):
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": "credit.profile", "res_id": self.profile_id.id,
                "view_mode": "form"}


class CollectionActionLine(models.Model):
    """An item in a contact: what was asked, and the level this contact took it to."""

    _name = "collection.action.line"
    _description = "Item of a Follow-up Contact"
    _order = "due, id"
    _log_access = False

    action_id = fields.Many2one("collection.action", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, ondelete="restrict")
    # An accountant may reset an invoice and rewrite its installments: what was asked stays readable here.
    item_id = fields.Many2one("account.move.line", index=True, ondelete="set null")
    document = fields.Char(readonly=True)
    level_id = fields.Many2one("collection.level", index=True, ondelete="restrict")
    round = fields.Integer()
    channel = fields.Char(required=True)
    advances = fields.Boolean("Counts", help="This contact took the item to the level; otherwise it is only mentioned.")
    live = fields.Boolean(default=True)
    currency_id = fields.Many2one("res.currency", required=True, ondelete="restrict")
    due = fields.Date()
    residual = fields.Monetary("Open then")
    asked = fields.Monetary()
    residual_now = fields.Monetary(related="item_id.amount_residual_currency", string="Open now")

    _step_uniq = models.UniqueIndex("(item_id, level_id, round, channel) WHERE advances AND live",
                                    "An item is asked for only once per level.")
