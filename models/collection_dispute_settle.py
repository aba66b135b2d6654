from datetime import timedelta

from markupsafe import Markup

from odoo import api, models
from odoo.tools.misc import format_date

from ..engine import dispute
from ..engine.money import exact
from .collection_reason import describe

# A dispute closed this long is history: it is no longer looked at every night, only with each payment.
SETTLED_DAYS = 180
AMOUNTS = {"open_amount": "open", "paid_amount": "paid", "credited_amount": "credited", "cleared_amount": "cleared",
           "written_off_amount": "written_off"}
OUTCOME_OF = {dispute.CREDITED: "credit_note", dispute.PAID: "paid", dispute.WRITTEN_OFF: "written_off"}


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
        moved = {}
        for item, some in records.grouped("item_id").items():
            paid, rest = others.get(item.id, (dispute.ZERO, dispute.ZERO))
            balances = some._decide_balances(items[item.id]._replace(others_paid=paid, others_open=rest))
            for record in some:
                moved[record] = record._follow(balances[record.id])
        self._tell_moves(moved)

    def _to_engine(self):
        self.ensure_one()
        return dispute.Dispute(self.id, exact(self.amount), self.opened_on, exact(self.money_before), exact(self.credit_before),
                               exact(self.decided_amount), exact(self.kept_amount))

    def _decide_balances(self, item):
        """One engine call for the disputes of an item: the place to hook another way to settle."""
        proportional = self.company_id.collection_dispute_payments == "proportional"
        return dispute.settle(item, [record._to_engine() for record in self], exact(self.currency_id.rounding), proportional)

    def _follow(self, balance):
        """Write the balance where it changed, and close or reopen accordingly; return what is to tell of it, if anything."""
        found = {name: float(getattr(balance, part)) for name, part in AMOUNTS.items()}
        changed = {name: value for name, value in found.items() if self.currency_id.compare_amounts(self[name], value)}
        if self.state == "open" and balance.code != dispute.OPEN:
            return self._close(OUTCOME_OF.get(balance.code) or self.outcome or "paid", **changed)
        if self.state == "closed" and balance.code == dispute.OPEN:
            return self._open_again(**changed)
        days = (self.company_id._collection_today() - self.opened_on).days
        if self.state == "open" and self.days_open != days:
            changed["days_open"] = days
        if changed:
            self.write(changed)
        return None

    def _close(self, outcome, **values):
        """Nothing is contested any more; who decided so, if anybody did, is added by ``_resolve``."""
        today = self.company_id._collection_today()
        self._transition("closed", outcome=outcome, closed_on=today, days_open=max(0, (today - self.opened_on).days), **values)
        return f"closed_{outcome}"

    def _open_again(self, **values):
        """Something is contested again: there is as much time to clear it up as for a new dispute."""
        today = self.company_id._collection_today()
        self._transition("open", closed_on=False, closed_by=False, outcome=False, outcome_reason=False, escalated_on=False,
                         deadline=self.company_id._dispute_deadline(today, self.reason_id.sla_days), **values)
        return "reopened"

    def _clear(self, amount, outcome):
        """A person says that ``amount`` is not contested any more: it is asked for again from tomorrow on."""
        today = self.company_id._collection_today()
        amount = min(amount, self.open_amount)
        values = {"outcome": outcome, "decided_amount": self.decided_amount + amount, "decided_on": today,
                  "resting_amount": amount + (self.resting_amount if self.decided_on == today else 0.0)}
        item = self.env["collection.reader"]._read_contested(self.item_id.ids).get(self.item_id.id)
        if not item:
            self._tell_moves({self: self._clear_unposted(amount, values)})
            return
        self.write({**values, "kept_amount": self.paid_amount, "money_before": self._prepare_standing(item)["money_before"]})
        self._settle()

    def _clear_unposted(self, amount, values):
        """Of an item that is not in the books, or no more, nothing can be settled: what was decided is all there is."""
        rest = self.currency_id.round(self.open_amount - amount)
        values = {**values, "open_amount": rest, "cleared_amount": self.cleared_amount + amount}
        if not rest:
            return self._close(**values)
        self.write(values)
        return None

    def _end_with_invoice(self):
        """What is cancelled is not asked for, so it is not contested either."""
        for record in self:
            env = record.profile_id._chatter_env()
            record._clear_unposted(record.open_amount, {
                "outcome": "replaced", "outcome_reason": env._("The invoice was cancelled"), "closed_by": self.env.uid,
                "decided_amount": record.decided_amount + record.open_amount, "decided_on": record.company_id._collection_today()})
        self._tell_moves(dict.fromkeys(self, "cancelled"))
        self._judge_promises()

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

    def _judge_promises(self):
        """What is contested is not expected of a promise, until it is not contested any more."""
        self.env["collection.promise"]._judge_about(self.sudo().item_id.ids)  # sudo: whoever clears it up need not see the item

    @api.model
    def _tell_moves(self, codes):
        """Tell of disputes that were closed or opened again, ``{dispute: what}``; who was to clear them up is done."""
        codes = {record: what for record, what in codes.items() if what}
        closed = self.browse(record.id for record in codes if record.state == "closed")
        if closed:
            closed._drop_tasks()
        self._tell(codes)

    @api.model
    def _tell(self, codes):
        """A note in the chatter of each customer: words and documents, no amounts."""
        by_profile = self.browse(record.id for record in codes).grouped("profile_id")
        self.env["credit.profile"]._notes({profile: some._note_body(codes) for profile, some in by_profile.items()}, tell=True)

    def _note_body(self, codes):
        env = self.profile_id._chatter_env()
        return Markup("<br/>").join(describe(env, f"dispute_{codes[record]}", {
            "document": record.document, "reason": record.with_env(env).reason_id.name}) for record in self)

    def _sentence(self):
        """“120.00 of INV/2026/0012: damaged, cleared up by 3 December”."""
        self.ensure_one()
        detail = {"amount": self.currency_id.format(self.open_amount), "document": self.document, "reason": self.reason_id.name}
        if self.deadline:
            return self.env._("%(amount)s of %(document)s: %(reason)s, to be cleared up by %(day)s", day=format_date(self.env, self.deadline), **detail)
        return self.env._("%(amount)s of %(document)s: %(reason)s", **detail)
