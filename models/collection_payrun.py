from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import format_date

from ..engine import payrun
from .collection_reason import describe

RHYTHMS = [("weekly", "Every week"), ("fortnightly", "Every second week"), ("monthly", "On days of the month"),
           ("nth_weekday", "On a weekday of the month")]
WEEKDAYS = [("1", "Monday"), ("2", "Tuesday"), ("3", "Wednesday"), ("4", "Thursday"), ("5", "Friday"), ("6", "Saturday"), ("7", "Sunday")]
NTH = [("1", "First"), ("2", "Second"), ("3", "Third"), ("4", "Fourth"), ("-1", "Last")]
LAST_DAY = "last"
# What a person says about the rhythm; whoever changes it on a learnt run takes it over.
WHEN = {"rhythm", "weekday", "month_days", "nth", "anchor", "active"}
# What the nightly look writes.
LEARNT = {"source", "hits", "payments", "learnt_on"}
# What no person gives: the company is that of the customer.
FIXED = LEARNT | {"company_id"}


class CollectionPayrun(models.Model):
    """When a customer's payables department pays, and what it needs until then.

    Entered by a person, or learnt from the payments of a year; what was entered is never overwritten.
    """

    _name = "collection.payrun"
    _description = "Pay Run"
    _inherit = ["collection.guard.mixin"]
    _order = "id desc"
    _rec_name = "profile_id"

    profile_id = fields.Many2one("credit.profile", "Customer", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="profile_id.company_id", store=True, index=True)
    active = fields.Boolean(default=True)
    rhythm = fields.Selection(RHYTHMS, "Pays", required=True, default="weekly")
    weekday = fields.Selection(WEEKDAYS, "On", default="5")
    nth = fields.Selection(NTH, "Which one", default="1")
    month_days = fields.Char("On the days", help="Days of the month, or “last”: for example “15, last”.")
    anchor = fields.Date("One of its runs", help="A day on which the customer pays, to know the right fortnight.")
    cut_off_days = fields.Integer("Documents needed before (working days)", default=2, required=True, aggregator=None)
    lead_days = fields.Integer("Write before that (working days)", default=2, required=True, aggregator=None)
    note = fields.Text("What the customer needs")
    attach_invoices = fields.Boolean("Copies of the invoices")
    attach_statement = fields.Boolean("A statement")
    source = fields.Selection([("entered", "Entered"), ("learnt", "Learnt")], default="entered", required=True, readonly=True)
    hits = fields.Integer("Payments on its runs", readonly=True, aggregator=None)
    payments = fields.Integer("Payments looked at", readonly=True, aggregator=None)
    learnt_on = fields.Date(readonly=True)
    sentence = fields.Char("When does this customer pay?", compute="_compute_sentence")
    learnt_text = fields.Char("How we know", compute="_compute_sentence")
    next_cut_off = fields.Date("Documents must be there by", compute="_compute_sentence")

    _profile_uniq = models.UniqueIndex("(profile_id)", "The pay runs of this customer are known already: change those.")
    _days_positive = models.Constraint("CHECK(cut_off_days BETWEEN 0 AND 30 AND lead_days BETWEEN 0 AND 30)",
                                       "The working days before a pay run must lie between 0 and 30.")

    @api.depends("rhythm", "weekday", "nth", "month_days", "anchor", "cut_off_days", "source", "hits", "payments", "profile_id")
    @api.depends_context("lang")
    def _compute_sentence(self):
        complete = self.filtered(lambda record: record.profile_id and record._is_complete())
        todays = {company: company._collection_today() for company in complete.company_id}
        calendars = {company: records.profile_id._payrun_calendars(todays[company]) for company, records in complete.grouped("company_id").items()}
        for record in self:
            record.sentence = record.next_cut_off = False
            if record in complete:
                today, calendar = todays[record.company_id], calendars[record.company_id][record.profile_id.id]
                record.sentence = record._sentence(today, calendar)
                record.next_cut_off = record._decide_next(calendar, today)[0]
            record.learnt_text = describe(self.env, f"payrun_{record.source}", {"hits": record.hits, "count": record.payments})

    @api.depends("profile_id", "sentence")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for record in self:
            record.display_name = self.env._("%(customer)s: %(sentence)s", customer=record.profile_id.display_name or "",
                                             sentence=record.sentence or "…")

    @api.onchange("anchor")
    def _onchange_anchor(self):
        if self.anchor:
            self.weekday = str(self.anchor.isoweekday())

    # ------------------------------------------------------------------ rules

    @api.constrains("rhythm", "weekday", "nth", "month_days", "anchor")
    def _check_rhythm(self):
        for record in self:
            if record.rhythm == "monthly":
                record._month_days()
            elif not record.weekday:
                raise ValidationError(self.env._("Choose the weekday on which %s pays.", record.profile_id.display_name))
            if record.rhythm == "nth_weekday" and not record.nth:
                raise ValidationError(self.env._("Choose which %s of the month it is.", record._weekday_text()))
            if record.rhythm == "fortnightly":
                record._check_anchor()

    def _check_anchor(self):
        if not self.anchor:
            raise ValidationError(self.env._("For a run every second week, tell one day on which %s pays.", self.profile_id.display_name))
        if str(self.anchor.isoweekday()) != self.weekday:
            raise ValidationError(self.env._("%(day)s is not a %(weekday)s.", day=format_date(self.env, self.anchor),
                                             weekday=self._weekday_text()))

    def _month_days(self):
        """The days of the month as the engine takes them."""
        days = self._parse_days(self.month_days)
        if not days:
            raise ValidationError(self.env._(
                "“%s” are no days of the month: write numbers from 1 to 31 or “last”, for example “15, last”.", self.month_days or ""))
        return days

    @api.model
    def _parse_days(self, text):
        """The days that a text names, also in the words of its writer; None when it names anything else."""
        words = {LAST_DAY: payrun.LAST, self.env._("last").lower(): payrun.LAST, **{str(day): day for day in range(1, 32)}}
        days = [words.get(part.strip().lower()) for part in (text or "").replace(";", ",").split(",") if part.strip()]
        return None if None in days else tuple(sorted(set(days), key=lambda day: day if day > 0 else 32))

    @api.model
    def _plain_days(self, vals):
        """Days of the month as every reader and the nightly job understand them, whatever language they were written in."""
        days = self._parse_days(vals.get("month_days"))
        return dict(vals, month_days=self._days_text(days)) if days else vals

    @api.model
    def _days_text(self, days):
        return ", ".join(LAST_DAY if day == payrun.LAST else str(day) for day in days)

    def _is_complete(self):
        """Whether the rhythm says enough to find a run; a form being filled in may not yet."""
        try:
            self._check_rhythm()
        except ValidationError:
            return False
        return True

    @api.model_create_multi
    def create(self, vals_list):
        """A person enters pay runs; only the nightly look learns them."""
        self._refuse_guarded(FIXED & set().union(*vals_list) | self._guarded_defaults(FIXED))
        return super().create([self._plain_days(vals) for vals in vals_list])

    def write(self, vals):
        """Whoever changes when a customer pays has taken over what was learnt."""
        self._refuse_guarded((FIXED | {"profile_id"}) & set(vals))
        if not self.env.su and WHEN & set(vals):
            self.check_access("write")
            # sudo: the source follows from what the person did
            self.sudo().filtered(lambda record: record.source == "learnt").write({"source": "entered"})
        return super().write(self._plain_days(vals))

    def action_take_over(self):
        """What was learnt is right: it stays as entered, and is not learnt anew."""
        self.check_access("write")
        self.sudo().write({"source": "entered"})  # sudo: as in write

    # ------------------------------------------------------------------ in words

    def _sentence(self, today, calendar=None):
        """“Every Friday, documents by Wednesday; next run 27 Nov”."""
        found = self._decide_upcoming(calendar or self._calendar(today), today, self.rhythm in ("weekly", "fortnightly"))
        code = "payrun_moved" if found.moved else "payrun_next" if found.by_weekday else "payrun_open"
        until = format_date(self.env, found.until, date_format="EEEE" if code == "payrun_next" else "d MMM")
        return describe(self.env, code, {"rhythm": self._rhythm_text(), "until": until,
                                         "run": format_date(self.env, found.run, date_format="d MMM")})

    def _rhythm_text(self):
        if self.rhythm == "monthly":
            days = [self.env._("last") if day == payrun.LAST else str(day) for day in self._month_days()]
            return describe(self.env, "payrun_monthly" if len(days) > 1 else "payrun_monthly_last" if not days[0].isdigit()
                            else "payrun_monthly_one", {"list": ", ".join(days)})
        code = f"payrun_nth_{self.nth}".replace("-1", "last") if self.rhythm == "nth_weekday" else f"payrun_{self.rhythm}"
        return describe(self.env, code, {"weekday": self._weekday_text()})

    def _weekday_text(self):
        return dict(self._fields["weekday"]._description_selection(self.env)).get(self.weekday, "")

    # ------------------------------------------------------------------ for the engine

    def _to_engine(self):
        """The rhythm as the engine takes it."""
        self.ensure_one()
        if self.rhythm == "monthly":
            return payrun.Rhythm(payrun.MONTHLY, days=self._month_days())
        nth = int(self.nth) if self.rhythm == "nth_weekday" else 0
        return payrun.Rhythm(self.rhythm, int(self.weekday), self.anchor if self.rhythm == "fortnightly" else None, nth=nth)

    def _calendar(self, today):
        """The days off where the customer is."""
        return self.profile_id._payrun_calendars(today)[self.profile_id.id]

    def _next(self, today):
        """The next run for which documents are still in time: (cut-off, run)."""
        return self._decide_next(self._calendar(today), today)

    def _decide_next(self, calendar, today):
        """One engine call: the place to hook another way to find the next run."""
        return payrun.next_open(self._to_engine(), today, self.cut_off_days, calendar)

    def _decide_upcoming(self, calendar, today, by_weekday):
        """One engine call: the run that the sentence names."""
        return payrun.upcoming(self._to_engine(), today, self.cut_off_days, calendar, by_weekday)

    def _decide_ahead(self, due, calendar):
        """One engine call: when it is best to write about what is due on ``due``."""
        return payrun.ahead(self._to_engine(), due, self.cut_off_days, self.lead_days, calendar)

    # ------------------------------------------------------------------ merging customers

    def _move_to(self, profile):
        """The pay run of a customer merged with another: that of the other one stays, unless only this one was entered."""
        own = self.search([("profile_id", "=", profile.id)])
        if own and (own.source == "entered" or self.source != "entered"):
            self.unlink()
        elif self:
            own.unlink()
            self.write({"profile_id": profile.id})
