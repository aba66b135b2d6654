import io
from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date

from .collection_reason import describe

STATES = [("draft", "Draft"), ("checked", "Checked"), ("delivered", "Delivered"), ("replaced", "Replaced")]
KINDS = [("month", "Month"), ("correction", "Correction")]
AGES = ("not_due", "b30", "b60", "b90", "over")


class CollectionBureauFile(models.Model):
    """What a credit bureau is told of one month: who is in and who is out with the reason, then the file.

    As a draft it is worked out as often as one likes. Once checked, the file stays as it is; once delivered, so does the record:
    what turns out wrong later is corrected with the file of the next month. A file that somebody took left the house: reopened, it stays
    as it was, and a new record replaces it.
    """

    _name = "collection.bureau.file"
    _description = "File for a Credit Bureau"
    _inherit = ["collection.talk.mixin", "mail.activity.mixin", "collection.kept.file.mixin", "collection.state.mixin"]
    _order = "month desc, id desc"
    _rec_name = "display_name"

    _file_route = "/collections/bureau/file"
    _transitions = frozenset({("draft", "checked"), ("checked", "draft"), ("checked", "delivered"), ("checked", "replaced")})

    bureau_id = fields.Many2one("collection.bureau", "Credit bureau", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="bureau_id.company_id", store=True, index=True)
    month = fields.Date(required=True, readonly=True, help="The last day of the month.")
    state = fields.Selection(STATES, "Status", default="draft", required=True, readonly=True, tracking=True, index=True)
    line_ids = fields.One2many("collection.bureau.line", "file_id", "Customers", readonly=True)
    made_on = fields.Date("Worked out on", readonly=True)
    checked_by = fields.Many2one("res.users", "Checked by", readonly=True, ondelete="restrict")
    checked_on = fields.Date("Checked on", readonly=True)
    taken_on = fields.Date("Taken on", readonly=True, help="The last day on which somebody downloaded the file.")
    delivered_by = fields.Many2one("res.users", "Delivered by", readonly=True, ondelete="restrict")
    delivered_on = fields.Date("Delivered on", readonly=True, tracking=True)
    told_count = fields.Integer("Told about", readonly=True, help="Customers in the file, a line for each currency.", aggregator=None)
    left_count = fields.Integer("Left out", readonly=True, aggregator=None)
    correction_count = fields.Integer("Corrections", readonly=True, aggregator=None)
    totals = fields.Json(readonly=True)  # {currency: total as text}
    totals_text = fields.Char("Total", compute="_compute_totals_text")
    left_text = fields.Char("Left out because", compute="_compute_left_text")

    _once = models.UniqueIndex("(bureau_id, month) WHERE state <> 'replaced'", "There is a file of this month for this bureau already.")

    @api.depends("bureau_id.name", "month")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for file in self:
            file.display_name = self.env._("%(bureau)s, %(month)s", bureau=file.bureau_id.name, month=file._month_text()) if file.month else file.bureau_id.name

    @api.depends("totals")
    @api.depends_context("lang")
    def _compute_totals_text(self):
        names = {name for file in self for name in file.totals or ()}
        currencies = self.env["res.currency"].with_context(active_test=False).search([("name", "in", list(names))]).grouped("name")
        for file in self:
            file.totals_text = ", ".join(currencies[name].format(float(amount)) for name, amount in sorted((file.totals or {}).items()) if name in currencies)

    @api.depends("line_ids.reason")
    @api.depends_context("lang")
    def _compute_left_text(self):
        for file in self:
            counts = Counter(file.line_ids.filtered(lambda line: not line.is_told).mapped("reason"))
            file.left_text = "; ".join(self.env._("%(why)s: %(count)s", why=describe(self.env, code), count=count) for code, count in counts.most_common())

    def _month_text(self):
        return format_date(self.env, self.month, date_format="MMMM yyyy")

    # ------------------------------------------------------------------ rights

    @api.ondelete(at_uninstall=False)
    def _unlink_draft_only(self):
        for file in self.filtered(lambda one: one.state != "draft"):
            raise UserError(self.env._("%(file)s is “%(state)s” and stays: it says what the bureau was told. Only drafts are deleted.", file=file.display_name,
                                       state=dict(self._fields["state"]._description_selection(self.env))[file.state]))

    def _mine(self):
        """The file as its buttons change it."""
        self.ensure_one()
        self.bureau_id._check_manager()
        self.check_access("read")
        return self.sudo()  # sudo: a file is changed by methods only

    def _check_taker(self):
        self.bureau_id._check_manager()

    def _note_taken(self):
        self.sudo().taken_on = self.company_id._collection_today()  # sudo: methods write it
        self._message_log(body=self.env._("The file %(name)s was taken (SHA-256 %(hash)s).", name=self.file_name, hash=self.file_hash))

    # ------------------------------------------------------------------ what a person may do

    def action_work_out(self):
        """Who is in and who is out, as it stands now."""
        self._mine()._work_out()
        return True

    def action_check(self):
        """Freeze the file of what was looked through; where something changed since, a person looks again first."""
        file = self._mine()
        if file._is_stale():
            return {"type": "ir.actions.client", "tag": "display_notification", "params": {
                "type": "warning", "sticky": True, "next": {"type": "ir.actions.client", "tag": "soft_reload"},
                "message": self.env._("Something changed since %s was worked out, so it was worked out anew. Look through it again, then check it.",
                                      file.display_name)}}
        if not file.told_count and not file.correction_count:
            raise UserError(self.env._("There is nothing to tell %s of this month.", file.bureau_id.name))
        stream = io.BytesIO()
        file._write_file(stream)
        file._keep(file._file_title(), stream.getvalue())
        file._transition("checked", checked_by=self.env.uid, checked_on=file.company_id._collection_today())
        file.activity_feedback(["account_credit_collection.mail_activity_collection_bureau"])
        return True

    def action_reopen(self):
        """Back to draft, for who found something wrong before it was delivered; of what was taken already, a new one."""
        file = self._mine()
        if file.taken_on:
            file._transition("replaced")
            return self._make(file.bureau_id, file.month)._get_records_action()
        file._transition("draft", checked_by=False, checked_on=False)
        file._forget_file()
        return True

    def action_deliver(self):
        """Say that the file was given to the bureau."""
        file = self._mine()
        if file.state == "draft":
            raise UserError(self.env._("Check %s first: only then there is a file to deliver.", file.display_name))
        file._transition("delivered", delivered_by=self.env.uid, delivered_on=file.company_id._collection_today())
        return True

    def action_take(self):
        """Download the file; who did is noted."""
        return self._take()

    def action_open_lines(self):
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_bureau_line_action")
        return dict(action, domain=[("file_id", "=", self.id)], context={"search_default_told": 1})

    def _file_title(self):
        return f"trade-payments-{self.id}-{self.month:%Y-%m}.{self.bureau_id.format}"  # nothing from outside is in the name

    def _is_stale(self):
        """Whether anything changed since the draft was worked out, say a consent or a dispute; it is worked out anew."""
        if self.state != "draft":
            return False  # the transition says what is wrong
        before = self._told_state()
        self._work_out()
        return before != self._told_state()

    def _told_state(self):
        return {(line.profile_id.id, line.currency_id.id, line.kind, line.month): (line.reason, *(line[name] for name in AGES), line.invoices) for line in self.line_ids}


class CollectionBureauLine(models.Model):
    """A customer of a file, in one currency: what the bureau is told, or why nothing."""

    _name = "collection.bureau.line"
    _description = "Customer in a File for a Credit Bureau"
    _order = "file_id, is_told desc, total desc, id"
    _rec_name = "profile_id"
    _log_access = False

    file_id = fields.Many2one("collection.bureau.file", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    profile_id = fields.Many2one("credit.profile", "Customer", required=True, readonly=True, index=True, ondelete="restrict")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True, ondelete="restrict")
    kind = fields.Selection(KINDS, required=True, readonly=True)
    month = fields.Date("About the month", required=True, readonly=True)
    is_told = fields.Boolean("In the file", readonly=True)
    reason = fields.Char(readonly=True)
    why = fields.Char(compute="_compute_why")
    total = fields.Monetary(readonly=True, aggregator=None)
    not_due = fields.Monetary("Not due", readonly=True, aggregator=None)
    b30 = fields.Monetary("1–30 days", readonly=True, aggregator=None)
    b60 = fields.Monetary("31–60 days", readonly=True, aggregator=None)
    b90 = fields.Monetary("61–90 days", readonly=True, aggregator=None)
    over = fields.Monetary("91 days and more", readonly=True, aggregator=None)
    credit = fields.Monetary("Credits taken off", readonly=True, aggregator=None, help="Taken off the oldest debt first.")
    items = fields.Json(readonly=True)  # ids of the journal items behind the amounts
    invoices = fields.Json(readonly=True)  # what the file says of each, where it has a line per invoice
    invoice_count = fields.Integer("Number of invoices", compute="_compute_invoice_count")

    @api.depends("reason")
    @api.depends_context("lang")
    def _compute_why(self):
        for line in self:
            line.why = describe(self.env, line.reason)

    @api.depends("invoices")
    def _compute_invoice_count(self):
        for line in self:
            line.invoice_count = len(line.invoices or ())

    def action_open_items(self):
        """The items behind the amounts, as they stood at the end of the month."""
        self.ensure_one()
        self.check_access("read")
        domain = [("item_id", "in", self.items)] if self.items else [("profile_id", "=", self.profile_id.id), ("currency_id", "=", self.currency_id.id)]
        return {"type": "ir.actions.act_window", "name": self.display_name, "res_model": "collection.ageing", "views": [(False, "list")], "view_mode": "list",
                "domain": domain, "context": {"collection_day": self.month.isoformat()}}
