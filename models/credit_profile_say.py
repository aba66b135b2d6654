from odoo import models
from odoo.tools.misc import format_date

AGREEMENTS = {"plan": "collection.plan", "settlement": "collection.settlement"}
SHOWN = {"plan": ("offered", "active"), "settlement": ("offered",)}
UNSEEN = ("draft", "to_approve")  # nobody has a link to it yet
LINK_HOURS = 24  # of a link that a page hands out: whoever holds the key of the page comes back with that one


class CreditProfile(models.Model):
    """What was said and agreed about a customer's items, in the customer's words, for the page of its account."""

    _inherit = "credit.profile"

    def _look_after(self, promise):
        """A customer who promised by itself comes back on the list when the promise is due, unless a call was agreed for."""
        self.ensure_one()
        if self.resubmit_kind == "callback" and self.resubmit_on:
            return
        today = self.company_id._collection_today()
        # sudo: the place on the list is moved by methods only
        self.sudo().write({"resubmit_on": self._after_promise(promise, today), "resubmit_time": 0.0, "resubmit_kind": "promise"})

    # ------------------------------------------------------------------ agreed

    def _account_agreements(self):
        """Plans and offers that stand: ``[{"kind", "label", "state", "url"}]``; each leads to its own page."""
        self.ensure_one()
        found = []
        for kind, model in AGREEMENTS.items():
            records = self.env[model].search([("profile_id", "=", self.id), ("state", "in", SHOWN[kind])])
            found += [{"kind": kind, "label": record._account_label(), "state": record._account_state(),
                       "url": record._account_way()} for record in records if not record._over()]
        return found

    def _link_revoke(self):
        """With the links to plans and offers: the page of the account led there."""
        super()._link_revoke()
        for model in AGREEMENTS.values():
            # sudo: the epoch is nobody's to write
            self.env[model].sudo().search([("profile_id", "in", self.ids), ("state", "not in", UNSEEN)])._link_revoke()

    def _account_said(self):
        """What the customer said that is not over yet: ``[{"kind", "label", "state", "suffix"}]``; each has a page below the account's."""
        self.ensure_one()
        found = [("promise", record) for record in self.promise_ids.filtered(lambda record: record.state == "open").sorted("promised_on")]
        found += [("dispute", record) for record in self.dispute_ids.filtered(lambda record: record.state == "open")]
        found += [("request", record) for record in self.request_ids.filtered(lambda record: record.state == "open")]
        return [{"kind": kind, "label": record._account_label(), "state": record._online_state(), "suffix": f"/{kind}/{record.id}"}
                for kind, record in found]

    # ------------------------------------------------------------------ items

    def _account_states(self, items):
        """What is agreed or said about items: ``{item id: (code, text)}``; the one that decides first."""
        self.ensure_one()
        return {**self._states_asked(items), **self._states_promised(items), **self._states_disputed(items), **self._states_settled(items),
                **self._states_planned(items), **self._states_handed(items)}

    def _states_asked(self, items):
        asked = self.request_ids.filtered(lambda record: record.state == "open")
        return {item.id: ("asked", self.env._("You asked to pay it in parts")) for item in asked.item_ids & items}

    def _states_promised(self, items):
        found = {}
        balances = self.promise_ids.filtered(lambda record: record.state == "open" and record.on_balance)
        for promise in balances:
            found |= {item.id: self._promised_by(promise) for item in items if item.currency_id == promise.currency_id}
        return found | {line.item_id.id: self._promised_by(line.promise_id) for line in self.env["collection.promise.line"]._open_ones(items)}

    def _promised_by(self, promise):
        return "promised", self.env._("Promised by %s", format_date(self.env, promise.promised_on))

    def _states_disputed(self, items):
        found = {}
        disputes = self.env["collection.dispute"].search([("item_id", "in", items.ids), ("state", "=", "open")])
        for item, some in disputes.grouped("item_id").items():
            amount = sum(some.mapped("open_amount"))
            whole = item.currency_id.compare_amounts(amount, item.amount_residual_currency) >= 0
            found[item.id] = ("disputed", self.env._("We are looking into it") if whole else self.env._(
                "We are looking into %s of it", item.currency_id.format(amount)))
        return found

    def _states_settled(self, items):
        lines = self.env["collection.settlement.line"]._live_ones(items).filtered(lambda line: line.settlement_id.state == "offered")
        return {line.item_id.id: ("offered", self.env._("We made you an offer")) for line in lines}

    def _states_planned(self, items):
        found = {}
        for line in self.env["collection.plan.line"]._live_ones(items):
            if line.plan_id.state == "active":
                found[line.item_id.id] = ("planned", self.env._("In payment plan %s", line.plan_id.name))
            elif line.plan_id.state == "offered":
                found[line.item_id.id] = ("offered", self.env._("Payment plan offered to you"))
        return found

    def _states_handed(self, items):
        handed = self._account_handed(items)
        return {item: ("handed", self.env._("With %s", agency)) for item, agency in handed.items()}


class CollectionPromise(models.Model):
    _inherit = "collection.promise"

    def _account_label(self):
        return self.env._("%(amount)s for %(items)s", amount=self.currency_id.format(self.amount), items=self.subject)


class CollectionDispute(models.Model):
    _inherit = "collection.dispute"

    def _account_label(self):
        return self.env._("%(document)s: %(reason)s", document=self.document, reason=self.reason_id.name)


class CollectionRequest(models.Model):
    _inherit = "collection.request"

    def _account_label(self):
        return self.env._("%(parts)s parts from %(day)s", parts=self.parts, day=format_date(self.env, self.first_on))


class CollectionPlan(models.Model):
    _inherit = "collection.plan"

    def _account_way(self):
        """The way to it from the page of the account."""
        return f"/collections/plan/{self.id}/{self._link_token(LINK_HOURS)}"

    def _account_label(self):
        return self.env._("Payment plan %s", self.name)

    def _account_state(self):
        """What is to be done about it next."""
        if self.state == "offered":
            return self.env._("Please accept it by %s", format_date(self.env, self.accept_until))
        if not self.next_due:
            return self.env._("In force")
        return self.env._("Next: %(amount)s by %(day)s", amount=self.currency_id.format(self.next_amount), day=format_date(self.env, self.next_due))


class CollectionSettlement(models.Model):
    _inherit = "collection.settlement"

    def _account_way(self):
        """The way to it from the page of the account."""
        return f"/collections/settlement/{self.id}/{self._link_token(LINK_HOURS)}"

    def _account_label(self):
        return self.env._("Offer %s", self.name)

    def _account_state(self):
        return self.env._("Pay %(amount)s by %(day)s, and we give up the rest", amount=self.currency_id.format(self.amount), day=format_date(self.env, self.until))
