from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..engine import occasion
from .collection_reason import describe

KINDS = [("birthday", "Birthday of a contact"), ("anniversary", "Anniversary as a customer"), ("founding", "Founding day of the customer"),
         ("holiday", "Public holiday"), ("own", "A date of our own")]
CHANNELS = [("email", "E-mail"), ("task", "Task for the salesperson"), ("card", "Card to print")]
DAY_OFF = [(occasion.BEFORE, "The working day before"), (occasion.AFTER, "The working day after"), (occasion.SAME, "That day all the same")]
MONTHS = [("1", "January"), ("2", "February"), ("3", "March"), ("4", "April"), ("5", "May"), ("6", "June"), ("7", "July"), ("8", "August"),
          ("9", "September"), ("10", "October"), ("11", "November"), ("12", "December")]
DATED = ("own",)
YEARLY = ("anniversary", "founding", "birthday")


class CollectionOccasion(models.Model):
    """A kind of special day on which customers hear from us without being asked for anything.

    It greets nobody before a manager has armed it.
    """

    _name = "collection.occasion"
    _description = "Special Day"
    _inherit = ["mail.thread", "collection.guard.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, ondelete="restrict", domain=[("parent_id", "=", False)], help="Empty: for all companies.")
    kind = fields.Selection(KINDS, "Day", required=True, default="birthday", tracking=True)
    month = fields.Selection(MONTHS)
    day = fields.Integer("Day of the month", aggregator=None)
    holiday = fields.Char("Name of the holiday", help="In English or in the country's language, for example New Year's Day.")
    holiday_known = fields.Char("Holidays there", compute="_compute_holiday_known")
    country_id = fields.Many2one("res.country", "Only in", ondelete="restrict",
                                 help="Empty: everywhere. A public holiday is looked up in the country of whoever is greeted.")
    every_years = fields.Integer("Every (years)", default=1, required=True, aggregator=None, help="1 = each year, 5 = the 5th, the 10th, …")
    days_before = fields.Integer("Days before", default=0, required=True, aggregator=None, help="The greeting leaves so many days before.")
    day_off = fields.Selection(DAY_OFF, "When it falls on a day off", required=True, default=occasion.BEFORE)
    channel = fields.Selection(CHANNELS, "How", required=True, default="email", tracking=True)
    template_id = fields.Many2one("mail.template", "Words", ondelete="restrict", domain=[("model", "=", "collection.greeting")])
    task_text = fields.Char("What to do", translate=True, help="For example: call and wish well.")
    segment_ids = fields.Many2many("credit.segment", string="Segments", help="Empty: all customers.")
    armed = fields.Boolean("Greets by itself", readonly=True, copy=False, tracking=True)
    state_text = fields.Char("Now", compute="_compute_state_text")
    when_text = fields.Char("When", compute="_compute_when_text")
    shared_id = fields.Many2one("collection.occasion", "Made from", readonly=True, copy=False, index="btree_not_null", ondelete="set null",
                                help="The day shared by all companies of which this one is the company's own.")
    greeting_ids = fields.One2many("collection.greeting", "occasion_id")
    greeting_count = fields.Integer(compute="_compute_greeting_count")

    _days_sane = models.Constraint("CHECK(days_before BETWEEN 0 AND 60 AND every_years BETWEEN 1 AND 100)",
                                   "A greeting leaves 0 to 60 days before; the years are 1 to 100.")

    # ------------------------------------------------------------------ words

    @api.depends("armed", "active")
    @api.depends_context("lang")
    def _compute_state_text(self):
        for record in self:
            record.state_text = describe(self.env, "occasion_armed" if record.armed and record.active else "occasion_disarmed")

    @api.depends("kind", "month", "day", "holiday", "days_before", "every_years", "country_id")
    @api.depends_context("lang")
    def _compute_when_text(self):
        kinds, months = (dict(self._fields[name]._description_selection(self.env)) for name in ("kind", "month"))
        for record in self:
            code = record.kind if record.kind in ("holiday", "own") else "yearly" if record.every_years > 1 else "each"
            record.when_text = describe(self.env, f"occasion_{code}", {
                "kind": kinds.get(record.kind, ""), "day": record.day, "month": months.get(record.month, ""), "holiday": record.holiday or "…",
                "every": record.every_years, "country": record.country_id.name or ""})

    @api.depends("kind", "country_id", "company_id")
    @api.depends_context("company", "lang")
    def _compute_holiday_known(self):
        Reader = self.env["collection.reader"]
        for record in self:
            known = record.kind == "holiday" and Reader._holiday_names(record._home().code, (self._today().year,), self.env.lang)
            record.holiday_known = ", ".join(dict.fromkeys(names[0] for _on, names in sorted(known.items()))) if known else False

    def _home(self):
        """The country in whose calendar a holiday is looked for while nobody is greeted yet."""
        return self.country_id or (self.company_id or self.env.company).country_id

    @api.model
    def _today(self):
        return self.env.company._collection_today()

    @api.depends("greeting_ids")
    def _compute_greeting_count(self):
        counts = dict(self.env["collection.greeting"]._read_group([("occasion_id", "in", self.ids)], ["occasion_id"], ["__count"]))
        for record in self:
            record.greeting_count = counts.get(record, 0)

    # ------------------------------------------------------------------ rules

    @api.constrains("kind", "month", "day", "holiday", "country_id")
    def _check_day(self):
        for record in self:
            if record.kind in DATED and not occasion.is_day(int(record.month or 0), record.day):
                raise ValidationError(self.env._("%s: choose a day and a month that there are.", record.name))
            if record.kind == "holiday" and not record._knows_holiday():
                raise ValidationError(self.env._(
                    "%(name)s: “%(holiday)s” is no public holiday in %(country)s. Known are: %(known)s.", name=record.name, holiday=record.holiday or "",
                    country=record._home().name or "…", known=record.holiday_known or "–"))

    def _knows_holiday(self):
        """Whether there is such a holiday in the country, this year or around it; without a country nobody can tell."""
        year, home = self._today().year, self._home()
        if not home or not self.holiday:
            return bool(self.holiday)
        names = self.env["collection.reader"]._holiday_names(home.code, (year - 1, year, year + 1), "en_US")
        return not names or any(_same(self.holiday, name) for some in names.values() for name in some)

    @api.constrains("channel", "template_id", "armed")
    def _check_words(self):
        for record in self:
            if record.armed and record.channel != "task" and not record.template_id:
                raise ValidationError(self.env._("%s: choose the words of the greeting before it goes out by itself.", record.name))

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_guarded({"armed"} & set().union(*vals_list) | self._guarded_defaults({"armed"}))
        return super().create(vals_list)

    def write(self, vals):
        """Arming is a step of its own; what is planned follows other rules from the next night on."""
        self._refuse_guarded({"armed"} & set(vals))
        self._refuse_shared()
        result = super().write(vals)
        self._refuse_shared()  # nor does a company's own day become everybody's
        if "active" in vals and not vals["active"]:
            self._stop("occasion_archived")
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_shared(self):
        self._refuse_shared()

    # ------------------------------------------------------------------ shared by all companies

    def _beyond_me(self):
        """Those that greet for all companies, where the user is not a member of all."""
        companies = self.env["res.company"].sudo().search([("parent_id", "=", False)])  # sudo: also those that the user does not see
        if self.env.su or companies <= self.env.user.company_ids:
            return self.browse()
        return self.filtered(lambda record: not record.company_id)

    def _refuse_shared(self):
        """What greets for all companies is changed by a manager of all of them."""
        for record in self._beyond_me().filtered("armed"):
            raise UserError(self.env._("“%s” greets for all companies, and some of them are not yours. Ask a manager of all companies to change it.",
                                       record.name))

    def _arm_own(self):
        """Instead of a shared day, arm one of the company's own, and say so."""
        company = self.env.company.root_id
        shared = self.sudo()  # sudo: the right was checked
        own = shared.browse().union(*(record._own_day(company) for record in shared))
        own.armed = True
        return {"type": "ir.actions.client", "tag": "display_notification", "params": {
            "type": "success", "sticky": True, "message": self.env._(
                "%(days)s: shared with companies that are not yours. A copy for %(company)s alone is armed instead.",
                days=", ".join(self.mapped("name")), company=company.name),
            "next": dict(self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_occasion_action"),
                         domain=[("id", "in", own.ids)])}}

    def _own_day(self, company):
        """The copy of a shared day that belongs to a company."""
        return (self.search([("shared_id", "=", self.id), ("company_id", "=", company.id)], limit=1)
                or self.copy({"company_id": company.id, "shared_id": self.id}))

    # ------------------------------------------------------------------ arming

    def action_arm(self):
        """From tonight on the greetings of the next days are planned."""
        records, shared = self._as_manager(self.env._("Only a credit manager arms special days.")), self._beyond_me()
        (records - shared).write({"armed": True})
        return shared._arm_own() if shared else True

    def action_disarm(self):
        """Call off what is planned or waits for the printer, and plan no more."""
        records = self._as_manager(self.env._("Only a credit manager disarms special days."))
        self._refuse_shared()
        records._stop("occasion_stopped")

    def _stop(self, code):
        records = self.sudo()  # sudo: the right was checked, or the occasion was archived by who may
        records.filtered("armed").armed = False
        records.greeting_ids.filtered(lambda greeting: greeting.state in ("planned", "to_print"))._transition("cancelled", code=code, detail=False)

    @api.model
    def _in_force(self, company):
        """The armed days of a company; its own copy stands for a shared one."""
        found = self.search(Domain("armed", "=", True) & Domain("company_id", "in", [False, company.id]))
        return found - found.shared_id

    def action_open_greetings(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_greeting_action")
        return dict(action, domain=[("occasion_id", "in", self.ids)], context={})

    def action_preview(self):
        """Who would be greeted in the next 30 days, as things stand now."""
        self.ensure_one()
        return self.env["collection.occasion.preview"]._open(self)


def _same(one, other):
    return one.strip().casefold() == other.strip().casefold()
