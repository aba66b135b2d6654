from datetime import timedelta
from decimal import Decimal

from odoo import api, models
from odoo.tools.misc import format_date

from ..engine import dispute

# A dispute closed this long is history: it is no longer looked at every night, only with each payment.
SETTLED_DAYS = 180
AMOUNTS = {"open_amount": "open", "paid_amount": "paid", "credited_amount": "credited", "cleared_amount": "cleared",
           "written_off_amount": "written_off"}
OUTCOME_OF = {dispute.CREDITED: "credit_note", dispute.PAID: "paid", dispute.WRITTEN_OFF: "written_off"}


def exact(amount):
    return Decimal(str(amount))


class CollectionDispute(models.Model):
    """What becomes of disputes: a function of what their items are set off against, and of what persons decided."""

    _inherit = "collection.dispute"

    def _begin(self):
        """Keep how the items stood when they were contested: what was settled by then is not settled of the dispute."""
        items = self.env["collection.reader"]._read_contested(self.item_id.ids)
        for record in self:
            record.write({"open_amount": record.amount, **record._prepare_standing(items.get(record.item_id.id))})
        self._assign(fill=True)

    def _prepare_standing(self, item):
        entries = item.entries if item else ()
        return {"money_before": float(sum(entry.amount for entry in entries if entry.kind == dispute.MONEY)),
                "credit_before": float(sum(entry.amount for entry in entries if entry.kind == dispute.CREDIT and not entry.dispute))}

    @api.model
    def _settle_about(self, item_ids):
        """Settle the disputes of journal items that were just set off, or no longer are."""
        # sudo: whoever books a payment need not see disputes
        self.sudo().search([("item_id", "in", item_ids)])._settle()

    def _settle(self):
        """Bring the disputes of these items up to date, in a fixed number of queries.

        An invoice that is a draft again keeps its disputes as they are.
        """
        Reader = self.env["collection.reader"]
        items = Reader._read_contested(self.item_id.ids)
        records = self.search([("item_id", "in", list(items))])
        proportional = records.filtered(lambda record: record.company_id.collection_dispute_payments == "proportional")
        others = Reader._read_other_items(proportional) if proportional else {}
        for item, some in records.grouped("item_id").items():
            paid, rest = others.get(item.id, (dispute.ZERO, dispute.ZERO))
            balances = some._decide_balances(items[item.id]._replace(others_paid=paid, others_open=rest))
            for record in some:
                record._follow(balances[record.id])

    def _to_engine(self):
        self.ensure_one()
        return dispute.Dispute(self.id, exact(self.amount), self.opened_on, exact(self.money_before), exact(self.credit_before),
                               exact(self.decided_amount), exact(self.kept_amount))

    def _decide_balances(self, item):
        """One engine call for the disputes of an item: the place to hook another way to settle."""
        proportional = self.company_id.collection_dispute_payments == "proportional"
        return dispute.settle(item, [record._to_engine() for record in self], exact(self.currency_id.rounding), proportional)

    def _follow(self, balance):
        """Write the balance where it changed, and close or reopen accordingly."""
        found = {name: float(getattr(balance, part)) for name, part in AMOUNTS.items()}
        changed = {name: value for name, value in found.items() if self.currency_id.compare_amounts(self[name], value)}
        if self.state == "open" and balance.code != dispute.OPEN:
            self._close(OUTCOME_OF.get(balance.code) or self.outcome or "paid", **changed)
        elif self.state == "closed" and balance.code == dispute.OPEN:
            self._open_again(**changed)
        else:
            days = (self.company_id._collection_today() - self.opened_on).days
            if self.state == "open" and self.days_open != days:
                changed["days_open"] = days
            if changed:
                self.write(changed)

    def _close(self, outcome, **values):
        """Nothing is contested any more; who decided so, if anybody did, is added by ``_resolve``."""
        today = self.company_id._collection_today()
        self._transition("closed", outcome=outcome, closed_on=today, days_open=max(0, (today - self.opened_on).days), **values)
        self._drop_tasks()
        self._tell(f"closed_{outcome}")

    def _open_again(self, **values):
        """Something is contested again: there is as much time to clear it up as for a new dispute."""
        today = self.company_id._collection_today()
        self._transition("open", closed_on=False, closed_by=False, outcome=False, outcome_reason=False, escalated_on=False,
                         deadline=self.company_id._dispute_deadline(today, self.reason_id.sla_days), **values)
        self._tell("reopened")

    def _clear(self, amount, outcome):
        """A person says that ``amount`` is not contested any more: it is asked for again from tomorrow on."""
        today = self.company_id._collection_today()
        item = self.env["collection.reader"]._read_contested(self.item_id.ids).get(self.item_id.id)
        money = self._prepare_standing(item)["money_before"]
        self.write({
            "outcome": outcome, "decided_amount": self.decided_amount + amount, "kept_amount": self.paid_amount, "money_before": money, "decided_on": today,
            "resting_amount": amount + (self.resting_amount if self.decided_on == today else 0.0)})
        self._settle()

    # ------------------------------------------------------------------ every night

    @api.model
    def _settle_all(self, profiles, today):
        """The disputes of a batch of customers: what came in, and those whose deadline passed."""
        # sudo: what becomes of a dispute is written by no person
        records = self.sudo().search([
            ("profile_id", "in", profiles.ids), "|", ("state", "=", "open"), ("closed_on", ">=", today - timedelta(days=SETTLED_DAYS))])
        records._settle()
        records.filtered(lambda record: record.state == "open" and not record.escalated_on
                         and record.deadline and record.deadline < today)._escalate(today)

    # ------------------------------------------------------------------ telling

    def _tell(self, what):
        """A line in the customer's chatter: words and documents, no amounts."""
        for record in self:
            reason = record.with_env(record.profile_id._chatter_env()).reason_id.name
            record.profile_id._note((f"dispute_{what}", {"document": record.document, "reason": reason}), tell=True)

    def _announce_opening(self):
        self._tell("opened")

    def _sentence(self):
        """“120.00 of INV/2026/0012: damaged, cleared up by 3 December”."""
        self.ensure_one()
        detail = {"amount": self.currency_id.format(self.open_amount), "document": self.document, "reason": self.reason_id.name}
        if self.deadline:
            return self.env._("%(amount)s of %(document)s: %(reason)s, to be cleared up by %(day)s", day=format_date(self.env, self.deadline), **detail)
        return self.env._("%(amount)s of %(document)s: %(reason)s", **detail)
