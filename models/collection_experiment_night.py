from datetime import timedelta

from odoo import api, models

from ..engine import experiment

DAY = timedelta(days=1)


class CollectionExperiment(models.Model):
    """The night of an experiment: customers enter, those of before are judged, and its end comes by itself."""

    _inherit = "collection.experiment"

    @api.model
    def _running(self, company):
        return self.search([("company_id", "=", company.root_id.id), ("state", "=", "running")], order="id")

    def _enroll(self, profiles, today):
        """Let customers of a batch enter with the first item that fell overdue since the start."""
        self.ensure_one()
        if today > self.last_entry_on:
            return
        free = self._candidates(profiles)
        first = {}
        for row in self.env["collection.reader"]._read_items(self.company_id, free.partner_id.ids) if free else ():
            if row.residual > 0 and self.started_on - DAY <= row.due < today and not row.no_followup and row.payment_state != "blocked":
                first.setdefault(row.partner, row)
        paid = self.env["collection.reader"]._read_money([row.id for row in first.values()])
        entered = self.env["collection.experiment.member"].create([
            self._prepare_member(profile, row, float(paid.get(row.id, 0)), today)
            for profile in free if (row := first.get(profile.partner_id.id))])
        held_out = entered.filtered(lambda member: member.arm == experiment.HOLDOUT)
        held_out._call_off("held_out")
        held_out.profile_id._rank(self.company_id, today)

    def _candidates(self, profiles):
        """Customers without a policy of their own who are in no running experiment and were not in this one."""
        free = profiles.filtered(lambda profile: profile.active and not profile.excluded and not profile.policy_id
                                 and (not self.segment_ids or profile.segment_id in self.segment_ids))
        taken = self.env["collection.experiment.member"].search(
            [("profile_id", "in", free.ids), "|", ("is_live", "=", True), ("experiment_id", "=", self.id)]).profile_id
        return free - taken

    def _prepare_member(self, profile, row, paid, today):
        return {"experiment_id": self.id, "company_id": self.company_id.id, "profile_id": profile.id, "segment_id": profile.segment_id.id,
                "arm": self._decide_arm(profile.partner_id), "entered_on": today, "seen_until": today + self.cure_days * DAY,
                "item_id": row.id, "document": row.name, "amount": float(row.base), "paid_before": paid, "is_live": True}

    def _decide_arm(self, partner):
        """One engine call: always the same arm for a customer."""
        return experiment.assign(partner.id, self.id, self._shares_of())

    def _judge(self, today):
        """Look at what came in, also at what was booked late; whoever was seen through counts from then on."""
        outcomes = self.env["collection.reader"]._read_outcomes(self.member_ids.ids)
        for member in self.member_ids:
            values = member._prepare_outcome(outcomes.get(member.id), today)
            changed = {name: value for name, value in values.items() if member[name] != value}
            if changed:
                member.write(changed)

    @api.model
    def _pass_night(self, company, today):
        """Judge, and close what is over."""
        for record in self._running(company):
            record._judge(today)
            if today > record.ends_on:
                record._end("done", today)


class CreditProfile(models.Model):
    _inherit = "credit.profile"

    def _refresh(self, company, today):
        """With entering the running experiments, the oldest first: a customer is in one at a time."""
        super()._refresh(company, today)
        # sudo: who refreshes a customer need not know of experiments
        for record in self.env["collection.experiment"].sudo()._running(company):
            record._enroll(self, today)

    @api.model
    def _refresh_company(self, company):
        problems = super()._refresh_company(company)
        if self._attempt(lambda: self.env["collection.experiment"]._pass_night(company, company._collection_today())):
            problems.append(f"experiments {company.id}")
        self.env["ir.cron"]._commit_progress()
        return problems
