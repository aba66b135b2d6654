import base64
import binascii
from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..models import bulk, credit_limit_sheet
from ..models.credit_field_rules import is_formula
from ..models.credit_limit import KINDS
from ..models.credit_limit_template import write
from ..models.upload import clean_name
from .credit_limit_import_cells import MAX_TEXT
from .credit_limit_import_export import prepare_guide, prepare_headings, prepare_rows
from .credit_limit_import_rows import AT_ONCE, ERROR, LATER, NOTHING, WAITS, WANTED, LimitList

OUTCOMES = [(AT_ONCE, "In force at once"), (LATER, "Approved, begins later"), (WAITS, "Waits for approval"),
            (NOTHING, "Nothing changes"), (ERROR, "Error")]
XLSX = ".xlsx"


class CreditLimitImportWizard(models.TransientModel):
    """Limits from a workbook: what each line would do, then all good lines in one go. The preview writes nothing."""

    _name = "credit.limit.import.wizard"
    _description = "Import of Credit Limits"

    company_id = fields.Many2one("res.company", required=True, readonly=True, default=lambda self: self.env.company.root_id)
    template_choice = fields.Selection([("current", "With the customers and their limits now"), ("empty", "Empty")],
                                       "Template", required=True, default="current")
    template_file = fields.Binary(attachment=False, readonly=True)
    template_name = fields.Char(readonly=True)
    file = fields.Binary("Workbook", attachment=False)
    file_name = fields.Char()
    reason = fields.Char("Reason of lines without one", size=MAX_TEXT)
    previewed = fields.Boolean(readonly=True)
    warning = fields.Text(readonly=True)
    row_count = fields.Integer("Lines", readonly=True)
    approved_count = fields.Integer("In force at once", readonly=True)
    later_count = fields.Integer("Begin later", readonly=True)
    proposed_count = fields.Integer("Wait for approval", readonly=True)
    nothing_count = fields.Integer("Nothing changes", readonly=True)
    error_count = fields.Integer("Errors", readonly=True)
    wanted_count = fields.Integer(compute="_compute_wanted_count")
    skip_errors = fields.Boolean("Leave out the lines with errors")
    line_ids = fields.One2many("credit.limit.import.wizard.line", "wizard_id", "All lines", readonly=True)
    change_ids = fields.One2many("credit.limit.import.wizard.line", "wizard_id", "What changes", readonly=True,
                                 domain=[("outcome", "in", WANTED)])
    error_ids = fields.One2many("credit.limit.import.wizard.line", "wizard_id", "Lines with errors", readonly=True,
                                domain=[("outcome", "=", ERROR)])

    @api.depends("approved_count", "later_count", "proposed_count")
    def _compute_wanted_count(self):
        for wizard in self:
            wizard.wanted_count = wizard.approved_count + wizard.later_count + wizard.proposed_count

    @api.onchange("file")
    def _onchange_file(self):
        """What was shown belonged to another file."""
        self.previewed = False

    def _check_right(self):
        self.ensure_one()
        if not self.env.user.has_group("account_credit_collection.group_collector"):
            raise AccessError(self.env._("Only collectors and credit managers ask for a credit limit."))
        if self.company_id not in self.env.companies.root_id:
            raise AccessError(self.env._("You do not work for this company."))

    # ------------------------------------------------------------------ template

    def action_template(self):
        """Hand out a workbook with the right columns."""
        self._check_right()
        guide = prepare_guide(self.env)
        content = write(prepare_headings(self.env), prepare_rows(self.env, self.company_id) if self.template_choice == "current" else [], guide)
        self.write({"template_file": base64.b64encode(content), "template_name": clean_name(f"{guide.sheet}{XLSX}")})
        return {
            "type": "ir.actions.act_url", "target": "self",
            "url": f"/web/content/{self._name}/{self.id}/template_file?download=true&filename_field=template_name",
        }

    # ------------------------------------------------------------------ preview

    def action_preview(self):
        """Show what each line would do."""
        self._check_right()
        self._show(self._judge())
        return self._reopen()

    def _judge(self):
        """All lines of the workbook, judged as of now."""
        try:
            sheet = credit_limit_sheet.read(self._content())
        except credit_limit_sheet.SheetError as error:
            raise UserError(error.sentence(self.env)) from None
        return LimitList(self.env, self.company_id, sheet, self._reason())

    def _content(self):
        data = self.with_context(bin_size=False).file
        if not data:
            raise UserError(self.env._("Choose the workbook first."))
        if len(data) > credit_limit_sheet.MAX_FILE * 4 / 3 + 4:
            raise credit_limit_sheet.SheetError("size", most=credit_limit_sheet.MAX_FILE // credit_limit_sheet.MEGABYTE)
        try:
            return base64.b64decode(data)
        except binascii.Error:
            raise credit_limit_sheet.SheetError("damaged") from None

    def _reason(self):
        """What stands in the journal where the line says nothing."""
        reason = " ".join((self.reason or "").split())
        if is_formula(reason):
            raise UserError(self.env._("A reason must not begin with %s.", reason[0]))
        return reason[:MAX_TEXT] or self.env._("Imported from %s", clean_name(self.file_name or XLSX))

    def _show(self, limits):
        """Keep the outcome for the screen only: the import reads the file again."""
        counts = Counter(row.outcome for row in limits.rows)
        self.write({f"{outcome}_count": counts[outcome] for outcome, _label in OUTCOMES})
        self.write({"previewed": True, "row_count": len(limits.rows), "warning": self._warning(limits), "skip_errors": False})
        self.line_ids.unlink()
        bulk.insert_rows(self.env["credit.limit.import.wizard.line"], [self._prepare_line(row) for row in limits.rows])

    def _warning(self, limits):
        if not limits.unknown:
            return False
        return self.env._("These columns are not known and are not read: %s.", ", ".join(limits.unknown[:20]))

    def _prepare_line(self, row):
        typed = next((row.keys[name] for name in ("customer", "ref", "vat", "id") if name in row.keys), "")
        return {"wizard_id": self.id, "number": row.number, "partner_id": row.partner.id if row.partner else False,
                "customer": row.partner.name if row.partner else typed, "kind": row.values["kind"] if row.outcome != ERROR else False, "outcome": row.outcome,
                "now": row.now, "new": row.new, "problem": "\n".join(row.problems)}

    def _reopen(self):
        return {"type": "ir.actions.act_window", "res_model": self._name, "res_id": self.id, "view_mode": "form",
                "target": "new", "name": self.env._("Import limits"), "context": {"dialog_size": "extra-large"}}

    def action_reset(self):
        """Take another file."""
        self._check_right()
        self.line_ids.unlink()
        self.write({"previewed": False, "file": False, "file_name": False, "warning": False})
        return self._reopen()

    # ------------------------------------------------------------------ import

    def action_import(self):
        """Record the good lines, all or none; the file is judged again, as of now."""
        self._check_right()
        seen = {outcome: self[f"{outcome}_count"] for outcome, _label in OUTCOMES}
        limits = self._judge()
        counts = Counter(row.outcome for row in limits.rows)
        if not self.previewed or any(counts[outcome] != count for outcome, count in seen.items()):
            self._show(limits)
            self.warning = "\n".join(filter(None, (self.env._("Something has changed since the preview. Look at it again."), self.warning)))
            return self._reopen()
        self._check_complete(counts)
        return self._open(self._record([row for row in limits.rows if row.outcome in WANTED]), counts)

    def _check_complete(self, counts):
        if counts[ERROR] and not self.skip_errors:
            raise UserError(self.env._("Lines with errors: %s. Mend them in the workbook, or tick that they are left out.", counts[ERROR]))
        if not any(counts[outcome] for outcome in WANTED):
            raise UserError(self.env._("Nothing in this workbook changes a limit."))

    def _record(self, rows):
        partners = self.env["res.partner"].union(*(row.partner for row in rows))
        profiles = self.env["credit.profile"]._ensure(self.company_id, partners)
        profiles.check_access("write")
        by_partner = profiles.grouped("partner_id")
        lines = self.env["credit.limit"]._request_all([(by_partner[row.partner], self._prepare_limit(row)) for row in rows])
        waiting = lines.filtered(lambda line: line.state == "proposed")
        waiting.profile_id._ask_once("limit", self.env._("Approve the new credit limit"))
        return lines

    def _prepare_limit(self, row):
        return {**row.values, "date_to": row.values["date_to"] or False, "source": "import",
                "detail": {"file": clean_name(self.file_name or XLSX), "line": row.number}}

    def _open(self, lines, counts):
        """The new lines of the journal, under a sentence that sums up."""
        waiting = len(lines.filtered(lambda line: line.state == "proposed"))
        parts = [self.env._("Approved: %s", len(lines) - waiting), self.env._("Waiting for approval: %s", waiting),
                 self.env._("Unchanged: %s", counts[NOTHING]), self.env._("Left out with errors: %s", counts[ERROR])]
        ids = lines.ids
        return {
            "type": "ir.actions.client", "tag": "display_notification",
            "params": {
                "type": "success", "title": self.env._("Imported lines: %s", len(lines)), "message": " · ".join(parts),
                "next": {
                    "type": "ir.actions.act_window", "name": self.env._("Imported limits"), "res_model": "credit.limit",
                    "views": [(False, "list"), (False, "form")],
                    # a range, and not thousands of numbers in the address of the page
                    "domain": [("id", ">=", min(ids)), ("id", "<=", max(ids)), ("source", "=", "import"), ("requested_by", "=", self.env.uid)],
                },
            },
        }


class CreditLimitImportWizardLine(models.TransientModel):
    _name = "credit.limit.import.wizard.line"
    _description = "Line of an Import of Credit Limits"
    _inherit = ["collection.items.dialog"]
    _order = "number, id"

    wizard_id = fields.Many2one("credit.limit.import.wizard", required=True, ondelete="cascade", index=True)
    number = fields.Integer("Line", aggregator=None)
    partner_id = fields.Many2one("res.partner", ondelete="cascade")
    customer = fields.Char()
    kind = fields.Selection(KINDS)
    now = fields.Char()
    new = fields.Char()
    outcome = fields.Selection(OUTCOMES, "What happens")
    problem = fields.Text("What is wrong")
