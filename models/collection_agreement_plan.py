from odoo import fields, models
from odoo.exceptions import UserError

EVIDENCE_REPORT = "account_credit_collection.action_report_collection_plan_evidence"
OVER = ("cancelled", "lapsed", "defaulted")


class CollectionPlan(models.Model):
    """A payment plan as its customer meets it: page, paper and payment, in plain words and the language of the environment."""

    _name = "collection.plan"
    _inherit = ["collection.plan", "collection.payable.mixin", "collection.agreement.mixin"]

    _document_report = "account_credit_collection.action_report_collection_plan"

    offered_to = fields.Char("Link sent to", readonly=True, copy=False)

    # ------------------------------------------------------------------ offered and accepted

    def _send_offer(self):
        """Whom the link went to is part of the evidence: all of them, the last one last."""
        known, address = (self.offered_to or "").split(", ") if self.offered_to else [], self._reader_address()
        if address:
            self.offered_to = ", ".join([*(one for one in known if one != address), address])
        return super()._send_offer()

    def action_print(self):
        """The very file that was offered; of a draft as it would be."""
        self._check_staff()
        if len(self) != 1 or not self.document_hash:
            return super().action_print()
        return self._download()

    def action_print_evidence(self):
        """The record of the acceptance."""
        self.ensure_one()
        self._check_staff()
        if not self._has_evidence():
            raise UserError(self.env._("%s was not accepted online: there is no record to print.", self.name))
        return self.env.ref(EVIDENCE_REPORT).report_action(self)

    # ------------------------------------------------------------------ paying

    def _pay_moves(self):
        return self._pay_items().move_id

    def _pay_items(self):
        """The items of the plan, oldest due first, its own interest and fee last."""
        lines = self.line_ids.sorted(lambda line: (line.is_cost, line.due or self.made_on, line.id))
        return lines.item_id.filtered(lambda item: item.parent_state == "posted")

    def _pay_wishes(self):
        """The next part or what is due by now, and what ends the plan today."""
        if not self._is_payable():
            return []
        if self.state == "defaulted":
            return [("all", self.env._("Everything that is open"), self._pay_open())]
        following, due = self._next_part(), self._due_parts()
        wishes = [("next", self._part_name(following), following.open_amount)] if following else []
        if len(due) > 1:
            wishes.append(("due", self.env._("Everything that is due by now"), sum(due.mapped("open_amount"))))
        if self.state != "active":
            return wishes
        rest = self._rest()  # what is more than that would only be given back
        wishes.append(("all", self.env._("Everything, to finish the plan today"), rest))
        return [(code, label, min(amount, rest)) for code, label, amount in wishes]

    def _part_name(self, part):
        return self.env._("%(part)s, due on %(day)s", part=part.label, day=self._day(part.due))

    def _rest(self):
        """What finishes a plan in force today."""
        return min(float(self._payoff(self._today())), self._pay_open()) if self.state == "active" else 0.0

    def _is_payable(self):
        """Money is taken for a plan in force, for one that the first payment accepts, and for what a broken one left open."""
        return self.state in ("active", "defaulted") or self.activates_on_payment and self._is_acceptable()

    def _next_part(self):
        """The oldest part that is not paid."""
        return self.installment_ids.sorted("number").filtered("open_amount")[:1]

    def _due_parts(self):
        today = self._today()
        return self.installment_ids.filtered(lambda one: one.open_amount and one.due <= today)

    # ------------------------------------------------------------------ the page

    def _is_acceptable(self):
        """Whether the customer may accept it now."""
        return self.state == "offered" and bool(self.document_hash) and (not self.accept_until or self.accept_until >= self._today())

    def _portal_values(self):
        """What the page shows, apart from the plan itself."""
        acceptable, over, following = self._is_acceptable(), self._over(), self._next_part()
        choices = {code: amount for code, _label, amount in self._pay_choices()}
        now = next((code for code in ("due", "next") if code in choices), None)  # None: that is on its way
        return {
            "acceptable": acceptable, "over": over, "accepted": not acceptable and not over, "evidence": self._has_evidence(),
            "done": self.state == "finished" or self.state == "active" and not self._rest(),
            "accepted_day": self.accepted_on and self.company_id._collection_date(self.accepted_on),
            "summary": self._summary(), "terms": self._agreement_terms() + self._offer_terms(), "missed": self._missed_terms(),
            "items": self._paper_items(), "parts": self._parts(), "percent": int(self.progress), "paid": self.paid_amount,
            "total": sum(self.installment_ids.mapped("amount")), "next_part": following, "now": now, "next_amount": choices.get(now),
            "late": following.due and following.due < self._today(), "flying": self._pay_flying(), "can_pay": bool(choices),
            "by_payment": acceptable and bool(now), "payoff": self.state == "active" and choices.get("all"),
        }

    def _over(self):
        """Heading and sentence of a plan that is not open any more; None for one that is."""
        lapsed = self.state == "offered" and not self._is_acceptable()
        if self.state not in OVER and not lapsed:
            return None
        if self.state == "defaulted":
            return (self.env._("This plan has ended"), self.env._(
                "It was not kept as agreed, so everything that is still open is due now. Please pay it, or talk to us."))
        if self.state == "cancelled":
            return (self.env._("This plan does not apply any more"), self.env._("Please contact us if you have a question about it."))
        return (self.env._("This offer has run out"), self.env._("It was not accepted in time. Please contact us if you still want to pay in parts."))

    def _parts(self):
        """The installments as table rows."""
        today, following = self._today(), self._next_part() if self.state == "active" else None
        return [{
            "label": one.label, "due": one.due, "amount": one.amount, "principal": one.principal, "interest": one.interest, "fee": one.fee,
            "of": self._part_of(one), "state": one.state, "is_late": bool(one.open_amount) and one.due < today, "is_next": one == following,
            "state_text": self._part_state(one, today)} for one in self.installment_ids.sorted("number")]

    def _part_of(self, one):
        """What of a part is no principal."""
        money = self.currency_id.format
        if one.interest and one.fee:
            return self.env._("with %(interest)s interest and a fee of %(fee)s", interest=money(one.interest), fee=money(one.fee))
        if one.interest:
            return self.env._("with %s interest", money(one.interest))
        return self.env._("with a fee of %s", money(one.fee)) if one.fee else ""

    def _part_state(self, one, today):
        if not one.open_amount:
            return self.env._("Paid on %s", self._day(one.paid_on)) if one.paid_on else self.env._("Settled")
        if one.open_amount != one.amount:
            return self.env._("%s still open", self.currency_id.format(one.open_amount))
        return self.env._("Open") if one.due <= today else self.env._("To come")

    # ------------------------------------------------------------------ the words

    def _summary(self):
        """What is agreed, in one or two sentences."""
        money, parts = self.currency_id.format, self.installment_ids.sorted("number")
        values = {"debt": money(self.principal), "count": len(self._paper_lines()), "parts": len(parts),
                  "first": self._day(parts[:1].due), "last": self._day(parts[-1:].due)}
        if values["parts"] == 1:
            return (self.env._("You owe us %(debt)s for one invoice. You pay it by %(last)s.", **values) if values["count"] == 1 else
                    self.env._("You owe us %(debt)s for %(count)s invoices. You pay it by %(last)s.", **values))
        if values["count"] == 1:
            return self.env._("You owe us %(debt)s for one invoice. You pay it in %(parts)s parts, the first by %(first)s and the last by %(last)s.", **values)
        return self.env._("You owe us %(debt)s for %(count)s invoices. You pay it in %(parts)s parts, the first by %(first)s and the last by %(last)s.", **values)

    def _agreement_terms(self):
        """What it costs and what holds as long as it is kept."""
        return [*self._cost_terms(), *self._kept_terms()]

    def _cost_terms(self):
        money, parts = self.currency_id.format, self.installment_ids
        interest, fee = sum(parts.mapped("interest")), sum(parts.mapped("fee"))
        found = []
        if interest:
            rate = f"{self.annual_rate:.2f}".rstrip("0").rstrip(".")
            found.append(self.env._("Interest of %(rate)s%% a year is included: %(amount)s in all.", rate=rate, amount=money(interest)))
        if fee:
            found.append(self.env._("A fee of %s is included.", money(fee)))
        return found or [self.env._("The plan costs nothing extra.")]

    def _kept_terms(self):
        found = [self.env._("As long as the plan is kept, no reminders are sent about these invoices.")]
        if self.stops_interest:
            found.append(self.env._("As long as the plan is kept, no interest for paying late is added on these invoices."))
        if self.waive_charges:
            found.append(self.env._("When everything is paid as agreed, the charges for paying late that are still open on these invoices are waived."))
        return [*found, self.env._("Paying earlier, or more than agreed, is possible at any time."),
                self.env._("New invoices are no part of the plan and are paid when they are due.")]

    def _offer_terms(self):
        return [self.env._("Please accept the plan by %s.", self._day(self.accept_until))] if self.accept_until else []

    def _missed_terms(self):
        """What ends the plan, and what happens then."""
        found = [self.env._("If a part cannot be paid in time, please tell us before it is due.")]
        if self.max_days_late:
            found.append(self.env._("The plan ends when a part is more than %s days late.", self.max_days_late))
        if self.max_missed == 1:
            found.append(self.env._("The plan ends when a part is missed."))
        elif self.max_missed:
            found.append(self.env._("The plan ends when %s parts are missed.", self.max_missed))
        if self.max_missed and self.grace_days:
            found.append(self.env._("A part counts as missed when it has not arrived %s days after its day.", self.grace_days))
        if self.max_shortfall:
            found.append(self.env._("The plan ends when more than %s%% of what was due by then is missing.", f"{self.max_shortfall:g}"))
        if self.current_days:
            found.append(self.env._("The plan ends when another invoice is more than %s days late.", self.current_days))
        if self.revive_interest:
            found.append(self.env._("If it ends like this, interest for paying late is due for the days of the plan too."))
        return [*found, self.env._("If it ends like this, everything that is still open is due at once, and the original due dates of the invoices count again.")]

    # ------------------------------------------------------------------ the papers

    def _paper_items(self):
        """The invoices as table rows, oldest due first."""
        return [{"document": line.document, "on": line.item_id.invoice_date or line.item_id.date, "due": line.due, "amount": line.amount}
                for line in self._paper_lines()]

    def _paper_lines(self):
        """What the plan is about; its own interest and fee stand in the schedule."""
        return self.line_ids.filtered(lambda line: not line.is_cost).sorted(lambda line: (line.due or self.made_on, line.id))

    def _evidence_raw(self):
        return self._render(EVIDENCE_REPORT) if self._has_evidence() else b""

    def _has_evidence(self):
        """Whether it was accepted on the page, which is what there is a record of."""
        return bool(self.accepted_on) and self.accepted_how == "portal"

    def _document_name(self):
        return self._file_name(self.env._("Payment plan"))

    def _evidence_name(self):
        return self._file_name(self.env._("Acceptance"))

    def _today(self):
        return self.company_id._collection_today()
