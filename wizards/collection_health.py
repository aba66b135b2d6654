from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..models.collection_heartbeat_screen import STATES
from ..models.collection_reason import describe
from ..models.collection_self_check import JOB, MANAGER
from ..models.collection_self_check import STATES as CHECK_STATES

TROUBLE = ("violated", "failing", "late", "never", "clock", "off")
LARGE = 500_000  # rows to be looked at: more than a request may take


class CollectionHealth(models.TransientModel):
    """The screen that says whether the jobs run, and whether all that must be true is true."""

    _name = "collection.health"
    _description = "Health of Collections"

    job_ids = fields.Many2many("collection.heartbeat", compute="_compute_jobs", string="Jobs")
    trouble = fields.Text(compute="_compute_jobs")
    warning = fields.Text(compute="_compute_jobs")
    check_ids = fields.Many2many("collection.self.check", compute="_compute_checks", string="Last self-checks")
    line_ids = fields.Many2many("collection.self.check.line", compute="_compute_checks", string="Violations")
    check_text = fields.Text(compute="_compute_checks")
    state = fields.Selection([("none", "Never"), *CHECK_STATES], compute="_compute_checks")

    def _compute_display_name(self):
        self.display_name = self.env._("Health")

    def _compute_jobs(self):
        order = [state for state, _label in STATES]
        jobs = self.env["collection.heartbeat"].search([]).sorted(lambda row: (order.index(row.state), row.name))
        count = len(jobs.filtered(lambda row: row.state in TROUBLE))
        for screen in self:
            screen.job_ids = jobs
            screen.trouble = describe(self.env, "health_trouble", {"count": count}) if count else False
            screen.warning = "\n".join(self.env["collection.heartbeat"]._server_sentences())

    def _compute_checks(self):
        checks = self.env["collection.self.check"]._latest(self._companies())
        for screen in self:
            screen.check_ids, screen.line_ids = checks, checks.line_ids
            screen.check_text, screen.state = checks._in_words(), checks._standing()

    @api.model
    def _companies(self):
        """The companies that are looked at: those the person works in at present, with all their branches."""
        return self.env.companies.root_id

    # ------------------------------------------------------------------ buttons

    @api.model
    def _check_manager(self):
        if not self.env.su and not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("The self-check is looked at by credit managers."))

    def action_check_now(self):
        """Look again, at the companies that the person sees; a large ledger is the job's to look at, at once."""
        self._check_manager()
        if self._is_large():
            return self._start_job()
        # sudo: what is found is written by the check only
        check = self.env["collection.self.check"].sudo()
        check._check(self._companies().sudo(False), asked_by=self.env.user)
        check._tell_heartbeat()
        return self._open()

    @api.model
    def _is_large(self):
        return self.env["collection.reader"].sudo()._read_invariant_rows() > LARGE  # sudo: a number of all companies

    @api.model
    def _start_job(self):
        # sudo: who may look may let the job look
        self.env.ref(f"account_credit_collection.{self.env['collection.heartbeat']._jobs()[JOB]}").sudo()._trigger()
        return {"type": "ir.actions.client", "tag": "display_notification", "params": {
            "type": "info", "message": describe(self.env, "health_started"), "next": {"type": "ir.actions.act_window_close"}}}

    def action_open_checks(self):
        """The checks before the last one."""
        self._check_manager()
        return self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_self_check_action")

    @api.model
    def _open(self):
        """The screen, made anew."""
        self._check_manager()
        return {"type": "ir.actions.act_window", "name": self.env._("Health"), "res_model": self._name, "res_id": self.create({}).id,
                "views": [(False, "form")], "target": "main"}
