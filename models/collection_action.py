
from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools.mail import plaintext2html

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
    attach_invoices = fields.Boolean("With copies of the invoices", readonly=True)
    attach_statement = fields.Boolean("With a statement", readonly=True)
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
    _noticed_idx = models.Index("(planned_on) WHERE kind = 'after' AND channel <> 'call'")
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
        """End contacts for a reason the engine or a person gave; what failed is a person's from then on."""
        self._transition(state, reason=code, detail=jsonable(detail or {}), worker=False)
        if state == "failed":
            for action in self:
                self.env["collection.outbox"]._ask_person(action)

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
