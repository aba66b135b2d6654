from odoo import api, fields, models

from ..engine import habit, payrun

WEEK = 7


class CreditProfile(models.Model):
    """When customers pay: their runs, the day on which money is expected, and what is learnt every night."""

    _inherit = "credit.profile"

    payrun_ids = fields.One2many("collection.payrun", "profile_id", "Pay runs")
    payrun_id = fields.Many2one("collection.payrun", "Pay run", compute="_compute_payrun_id")
    payrun_text = fields.Char("When does this customer pay?", related="payrun_id.sentence")
    payrun_learnt_text = fields.Char(related="payrun_id.learnt_text")
    payrun_note = fields.Text(related="payrun_id.note")

    @api.depends("payrun_ids.active")
    def _compute_payrun_id(self):
        for profile in self:
            profile.payrun_id = profile.payrun_ids[:1]

    def action_payrun(self):
        """Enter or change when this customer pays; one no longer in use can be taken up again."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_payrun_action")
        known = self.with_context(active_test=False).payrun_ids[:1]
        return dict(action, name=self.env._("When does this customer pay?"), views=[(False, "form")], view_mode="form", target="new",
                    res_id=known.id, context={"default_profile_id": self.id, "dialog_size": "large"})

    # ------------------------------------------------------------------ for others

    def _payruns(self):
        """The pay run of each customer that has one: ``{profile id: record}``."""
        # sudo: who sees the customer may know when it pays
        found = self.env["collection.payrun"].sudo().search([("profile_id", "in", self.ids)])
        return {record.profile_id.id: record for record in found}

    def _payrun_cut_offs(self, today):
        """Days until documents must be there for the next run: ``{profile id: days}``."""
        payruns = self._payruns()
        calendars = self._payrun_calendars(today) if payruns else {}
        return {profile: (record._decide_next(calendars[profile], today)[0] - today).days for profile, record in payruns.items()}

    def _expected_dates(self, rows, today):
        """The day on which each open item is likely to be paid: ``{item id: date}`` (F-12)."""
        return {item: expected for item, (_usual, expected) in self._usual_dates(rows, today).items()}

    def _usual_dates(self, rows, today):
        """The day on which each open item is usually paid, and the first one still to come: ``{item id: (date, date)}`` (F-12).

        ``self`` are customers of one company, ``rows`` what the reader found open of them.
        """
        company, reader = self.company_id, self.env["collection.reader"]
        known = reader._read_median_days(company, self.partner_id.ids, today)
        classes, payruns, calendars = reader._read_class_days(company), self._payruns(), self._payrun_calendars(today)
        owners = {profile.partner_id.id: profile for profile in self}
        found = {}
        for row in rows:
            profile = owners[row.partner]
            median, count = known.get(row.partner, (None, 0))
            record = payruns.get(profile.id)
            habit = (row.due, median, count, classes.get(profile.behaviour_class), record and record._to_engine(), calendars[profile.id])
            usual = self._decide_expected(*habit, None)
            found[row.id] = (usual, usual if usual >= today else self._decide_expected(*habit, today))
        return found

    def _decide_expected(self, due, median, count, base, rhythm, calendar, today):
        """One engine call: the place to hook another forecast."""
        return payrun.expected(due, median, count, base, payrun.TRUST, rhythm, calendar, today)

    def _payrun_calendars(self, today):
        """The days off where each customer is: ``{profile id: Calendar}``."""
        codes = {profile.id: profile.partner_id.country_id.code or None for profile in self}
        calendars = {company: self.env["collection.reader"]._read_calendars(company, set(codes.values()), today) for company in self.company_id}
        return {profile.id: calendars[profile.company_id][codes[profile.id]] for profile in self}

    # ------------------------------------------------------------------ every night

    def _refresh(self, company, today):
        """Each customer's payments are looked at once a week: a seventh of all every night, by the number of the customer."""
        super()._refresh(company, today)
        if company.collection_payrun_learn:
            self.filtered(lambda profile: profile.id % WEEK == today.toordinal() % WEEK)._learn_payruns(company, today)

    def _learn_payruns(self, company, today):
        """Learn when these customers pay; what a person entered stays, what no longer holds ends."""
        # sudo: what was learnt is written by no person
        Payrun = self.env["collection.payrun"].sudo().with_context(active_test=False)
        known = {record.profile_id: record for record in Payrun.search([("profile_id", "in", self.ids)])}
        open_to = self.filtered(lambda profile: profile not in known or known[profile].source == "learnt")
        days = self.env["collection.reader"]._read_payment_days(company, open_to.partner_id.ids, today)
        calendars = open_to._payrun_calendars(today)
        new = []
        for profile in open_to:
            found = self._decide_payrun(days.get(profile.partner_id.id, ()), today, calendars[profile.id])
            record = known.get(profile)
            if found and record:
                record.write(self._prepare_payrun(found, today))
            elif found:
                new.append({"profile_id": profile.id, **self._prepare_payrun(found, today)})
            elif record and record.active:
                record.active = False
        Payrun.create(new)

    def _decide_payrun(self, days, today, calendar):
        """One engine call: the place to hook another way to learn."""
        return habit.learn(days, today, calendar)

    def _prepare_payrun(self, found, today):
        rhythm = found.rhythm
        return {"rhythm": rhythm.kind, "weekday": str(rhythm.weekday) if rhythm.weekday else False, "anchor": rhythm.anchor or False,
                "month_days": self.env["collection.payrun"]._days_text(rhythm.days) or False, "nth": str(rhythm.nth) if rhythm.nth else False, "active": True,
                "source": "learnt", "hits": found.hits, "payments": found.of, "learnt_on": today}
