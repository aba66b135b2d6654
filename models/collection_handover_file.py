from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

STATES = [("waiting", "Being made"), ("made", "Ready"), ("failed", "Failed")]
MAY = ("approved", "announced", "handed")  # the states in which a file is made
AT_ONCE = 20  # invoices without a PDF that a person waits for; more are the job's
JOB = "account_credit_collection.ir_cron_collection_handover_file"


class CollectionHandoverFile(models.Model):
    """All that an agency or lawyer needs of a case, in one ZIP: made once, and another time only as a new version."""

    _name = "collection.handover.file"
    _description = "File of a Handover"
    _inherit = ["collection.kept.file.mixin", "collection.state.mixin"]
    _order = "handover_id desc, version desc"
    _rec_name = "display_name"

    _file_route = "/collections/handover/file"
    _transitions = frozenset({("waiting", "made"), ("waiting", "failed"), ("failed", "waiting")})

    handover_id = fields.Many2one("collection.handover", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="handover_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="handover_id.currency_id")
    version = fields.Integer(required=True, readonly=True, aggregator=None)
    state = fields.Selection(STATES, "Status", default="waiting", required=True, readonly=True, index=True)
    progress = fields.Integer("Done (%)", readonly=True, aggregator=None)
    asked_by = fields.Many2one("res.users", "Asked for by", readonly=True, ondelete="restrict")
    made_at = fields.Datetime("Made at", readonly=True)
    error = fields.Char("What went wrong", readonly=True)
    password = fields.Char(readonly=True, groups="account_credit_collection.group_collector",
                           help="Give it to the agency on another way than the file: by telephone, for example.")
    document_count = fields.Integer("Documents", readonly=True, aggregator=None)
    lacking = fields.Char(readonly=True, help="Invoices of which no PDF could be made, or that are not in the ledger any more.")
    given_up = fields.Json(readonly=True)  # ids of invoices of which no PDF could be made
    claim = fields.Monetary(readonly=True, aggregator=None)
    open_amount = fields.Monetary("Open in the ledger", readonly=True, aggregator=None, help="Of the invoices in the file, when it was made.")

    _version_uniq = models.UniqueIndex("(handover_id, version)", "A handover has one file of each version.")

    @api.depends("handover_id.name", "version")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for file in self:
            file.display_name = self.env._("File %(version)s of %(handover)s", version=file.version, handover=file.handover_id.name)

    # ------------------------------------------------------------------ taking it

    def _check_taker(self):
        if not self.env.user.has_group("account_credit_collection.group_collector"):
            raise AccessError(self.env._("Files for agencies are taken by collectors and credit managers."))

    def _take_file(self):
        if self.handover_id.state in ("recalled", "cancelled"):
            raise UserError(self.env._("%s was called off: nobody gets its file any more.", self.handover_id.name))
        return super()._take_file()

    def _note_taken(self):
        self.handover_id._log("download", self.env._("Version %(version)s taken (SHA-256 %(hash)s)", version=self.version, hash=self.file_hash))

    def action_take(self):
        """Download the file; who did is noted in the log of the handover."""
        return self._take()

    def action_again(self):
        """Have the job try once more, from the start."""
        self.handover_id._check_file()
        # sudo: methods move it
        self.sudo()._transition("waiting", error=False, progress=0, lacking=False, given_up=False)
        self.env.ref(JOB).sudo()._trigger()
        return True


class CollectionHandover(models.Model):
    _inherit = "collection.handover"

    file_ids = fields.One2many("collection.handover.file", "handover_id", "Files", readonly=True)
    file_state = fields.Selection(STATES, "File", compute="_compute_file_state")
    file_lacking = fields.Char(compute="_compute_file_state")

    @api.depends("file_ids.state", "file_ids.lacking")
    def _compute_file_state(self):
        """The state of the newest version."""
        for record in self:
            record.file_state = record.file_ids[:1].state
            record.file_lacking = record.file_ids[:1].lacking

    def action_make_file(self):
        """A new version of the file: at once where it is small, else by the job."""
        self.ensure_one()
        self._check_file()
        if len(self._file_invoices_missing()) <= AT_ONCE:
            self._file_make()
            return True
        self._file_ask()
        return {"type": "ir.actions.client", "tag": "display_notification", "params": {
            "type": "success", "message": self.env._("The file is being made. You can leave: it stands here when it is ready."),
            "next": {"type": "ir.actions.client", "tag": "soft_reload"}}}

    def _check_file(self):
        """Who may make a file, and of which case."""
        self.env["collection.handover.file"]._check_taker()
        self.check_access("read")
        if self.state not in MAY:
            raise UserError(self.env._("A file is made of what is approved, announced or handed over. %(handover)s is “%(state)s”.",
                                       handover=self.name, state=self._state_label()))

    def _file_ask(self):
        """A new version, for the job to make; one that still waits is enough."""
        self.ensure_one()
        # sudo: a file is made by methods only, and asked for by who was checked
        system = self.sudo()
        waiting = system.file_ids.filtered(lambda file: file.state == "waiting")
        file = waiting[:1] or system.env["collection.handover.file"].create({
            "handover_id": system.id, "version": max(system.file_ids.mapped("version"), default=0) + 1, "asked_by": self.env.uid})
        self.env.ref(JOB).sudo()._trigger()  # sudo: the job is nobody's
        return file

    def _file_make(self):
        """Make a new version now; returns it."""
        file = self._file_ask()
        file._make_now()
        return file.with_env(self.env)

    def _hand_over(self, reference):
        """What goes to the agency is its file, as things stand now."""
        super()._hand_over(reference)
        self._file_ask()
