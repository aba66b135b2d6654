from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.mail import email_normalize

from .collection_call import OUTCOMES, UNREACHED
from .collection_desk import id_of, ids_of, number_of

NOTE_SIZE = 2000
LONGEST_CALL = 4 * 3600
PLACE = ("worked_on", "resubmit_on", "resubmit_time", "resubmit_kind", "work_pinned")
# Days in a working calendar after which a customer is looked at again.
AGAIN = {"copy": 2, "dispute": 2, "refuses": 5, "wrong_contact": 1}


class CollectionDesk(models.AbstractModel):
    """What a call came to: one record, all that follows from it in the same transaction, and the customer's next day."""

    _inherit = "collection.desk"

    @api.model
    def save_outcome(self, profile_id, outcome, values):
        """Record a call; what ``values`` may hold depends on ``outcome``. Amounts in the currency of the items.

        A repeated call with the same ``token`` records nothing again. Raises UserError in plain words; nothing is left half-made.
        """
        self._check_collector()
        profile, values = self._profile(profile_id), values if isinstance(values, dict) else {}
        if not isinstance(outcome, str) or outcome not in dict(OUTCOMES):
            raise UserError(self.env._("Choose what the call came to."))
        today = profile.company_id._collection_today()
        call = self._known(values)
        if not call:
            made = getattr(self, f"_prepare_{outcome}")(profile, values, today)
            call = self._record(profile, outcome, values, made, today)
            getattr(self, f"_perform_{outcome}", lambda call, values: None)(call, values)
            self._follow(call)
        return {"call_id": call.id, "text": call.sentence, "undo": call.outcome != "copy", "done": self._done(today)}

    @api.model
    def _known(self, values):
        """The call that this very form made already, when an answer was lost on its way."""
        token = str(values.get("token") or "")[:64]
        return self.env["collection.call"].search([("token", "=", token), ("user_id", "=", self.env.uid)], limit=1) if token else self.env["collection.call"]

    @api.model
    def _record(self, profile, outcome, values, made, today):
        excuse = self.env["collection.excuse"].browse(id_of(values.get("excuse_id"))).exists()
        answer = self.env["collection.excuse.answer"].browse(id_of(values.get("answer_id"))).exists()
        contact = self._contact(profile, values)
        call = self.env["collection.call"].sudo().create({  # sudo: calls are made here only
            "profile_id": profile.id, "user_id": self.env.uid, "called_at": fields.Datetime.now(), "day": today, "outcome": outcome,
            "contact_id": contact.id, "number": contact.phone, "note": str(values.get("note") or "").strip()[:NOTE_SIZE],
            "excuse_id": excuse.id, "answer_id": answer.id if answer.excuse_id == excuse else False, "token": str(values.get("token") or "")[:64] or False,
            "seconds": min(LONGEST_CALL, max(0, int(number_of(values.get("seconds")) or 0))),
            "before": {name: fields.Date.to_string(profile[name]) if name.endswith("_on") and profile[name] else profile[name] for name in PLACE}, **made})
        profile.sudo().write({  # sudo: the place on the list is moved here only
            "worked_on": today, "resubmit_on": call.resubmit_on, "resubmit_time": call.resubmit_time, "resubmit_kind": outcome,
            "work_pinned": profile.work_pinned and outcome in UNREACHED})
        return call.sudo(False)

    @api.model
    def _contact(self, profile, values):
        """The person spoken to, if it is one of the customer's."""
        contact = self.env["res.partner"].browse(id_of(values.get("contact_id"))).exists()
        return contact if contact.commercial_partner_id == profile.partner_id else self.env["res.partner"]

    # ------------------------------------------------------------------ one method an outcome

    @api.model
    def _prepare_promise(self, profile, values, today):
        items = self._chosen(profile, values.get("item_ids"))
        if not items:
            raise UserError(self.env._("Choose the invoices that were promised."))
        if len(items.currency_id) > 1:
            raise UserError(self.env._("The invoices are in several currencies. Take one promise for each currency."))
        renewed = self.env["collection.promise.line"].search([("item_id", "in", items.ids), ("is_open", "=", True)]).promise_id
        renewed = renewed if len(renewed) == 1 else renewed.browse()
        promise = self.env["collection.promise.wizard"].create({
            "profile_id": profile.id, "currency_id": items.currency_id.id, "on": "items", "item_ids": items.ids,
            "amount": self._amount(values.get("amount")), "promised_on": self._day(values.get("promised_on")),
            "method": values.get("method") or "transfer", "note": str(values.get("note") or "")[:NOTE_SIZE] or False,
            "previous_id": renewed.id})._take()
        again = self._calendar(profile, today).next_working_day(promise.grace_until + timedelta(days=1))
        return {"promise_id": promise.id, "renewed_id": renewed.id, "item_ids": items.ids, "resubmit_on": again}

    @api.model
    def _prepare_dispute(self, profile, values, today):
        item = self._chosen(profile, [values.get("item_id") or values.get("dispute_item_id")])
        if not item:
            raise UserError(self.env._("Choose the invoice that is contested."))
        reason = self.env["collection.dispute.reason"].browse(id_of(values.get("reason_id"))).exists()
        if not reason:
            raise UserError(self.env._("Choose why it is contested."))
        dispute = self.env["collection.dispute"].create({
            "item_id": item.id, "amount": self._amount(values.get("amount")), "reason_id": reason.id,
            "reason": str(values.get("note") or "").strip()[:NOTE_SIZE] or reason.name})
        return {"dispute_id": dispute.id, "item_ids": item.ids, **self._again(profile, "dispute", today)}

    @api.model
    def _prepare_plan(self, profile, values, today):
        """The items stay silent until a plan is offered, for some working days at most."""
        items = self._chosen(profile, values.get("item_ids")) or self._late(profile, today)
        parts, first_on = int(number_of(values.get("parts")) or 0), self._day(values.get("first_on"))
        if not 2 <= parts <= 60:
            raise UserError(self.env._("A plan has 2 to 60 parts."))
        until = self._calendar(profile, today).add_working_days(today, profile.company_id.collection_plan_days)
        return {"item_ids": items.ids, "plan_parts": parts, "plan_first_on": first_on, "silent_until": until,
                "resubmit_on": self._calendar(profile, today).next_working_day(until + timedelta(days=1))}

    @api.model
    def _prepare_copy(self, profile, values, today):
        moves = profile.item_ids.move_id
        chosen = ids_of(values.get("move_ids"))
        moves = moves.filtered(lambda move: move.id in chosen and move.is_sale_document())
        if not moves:
            raise UserError(self.env._("Choose the invoices to send copies of."))
        address = email_normalize(str(values.get("email") or ""))
        if not address:
            raise UserError(self.env._("Enter the e-mail address to send the copies to."))
        return {"item_ids": (moves.line_ids & profile.item_ids).ids, "number": address, **self._again(profile, "copy", today)}

    @api.model
    def _prepare_callback(self, profile, values, today):
        on = self._day(values.get("on"))
        if on < today:
            raise UserError(self.env._("Choose a day to come."))
        return {"resubmit_on": on, "resubmit_time": min(24.0, max(0.0, number_of(values.get("time")) or 0.0))}

    @api.model
    def _prepare_no_answer(self, profile, values, today):
        again = self._decide_retry(profile, self._calendar(profile, today))
        if again.exhausted:
            profile._ask_once("address", self.env._("Nobody answers: find another number"))
        return {"resubmit_on": again.on, "resubmit_time": 9.0 if again.half == "morning" else 14.0}

    @api.model
    def _prepare_wrong_contact(self, profile, values, today):
        """Who is the right one, if that was said; else somebody is to find out."""
        name, phone, email = (str(values.get(field) or "").strip()[:128] for field in ("name", "phone", "email"))
        if email and not email_normalize(email):
            raise UserError(self.env._("“%s” is no e-mail address.", email))
        if not (phone or email):
            profile._ask_once("address", self.env._("Wrong contact: find the right one"))
            return self._again(profile, "wrong_contact", today)
        contact = self.env["res.partner"].sudo().create({  # sudo: collectors need not edit customers otherwise
            "parent_id": profile.partner_id.id, "type": "contact", "name": name or self.env._("Accounts payable"),
            "phone": phone, "email": email, "collection_contact": True})
        return {"contact_id": contact.id, "number": phone or email, **self._again(profile, "wrong_contact", today)}

    @api.model
    def _prepare_refuses(self, profile, values, today):
        return self._again(profile, "refuses", today)

    @api.model
    def _perform_copy(self, call, values):
        self.env["collection.channel"]._queue_copies(call)

    @api.model
    def _perform_plan(self, call, values):
        call.profile_id.sudo()._task("account_credit_collection.mail_activity_collection_plan", call.sentence, note=call.note or False)  # sudo: a task for whoever looks after it

    @api.model
    def _perform_refuses(self, call, values):
        call.profile_id.sudo()._task("account_credit_collection.mail_activity_collection_task",
                                     self.env._("Refuses to pay: decide what comes next"), note=call.note or False)  # sudo: as above

    # ------------------------------------------------------------------ what follows from every call

    @api.model
    def _follow(self, call):
        """Done calls leave the lists of tasks; the customer's chatter has a line of it."""
        profile = call.profile_id
        kinds = [f"account_credit_collection.mail_activity_collection_{name}" for name in ("call", "promise")]
        if call.reached:
            waiting = profile.action_ids.filtered(lambda action: action.channel == "call" and action.state == "waiting")
            call.sudo().done_action_ids = waiting
            profile.sudo().activity_feedback(kinds, feedback=call.sentence)  # sudo: tasks of whoever looks after the customer
            waiting.filtered(lambda action: action.state == "waiting").sudo()._mark_sent(call.day)
        else:
            profile.sudo().activity_reschedule(kinds, date_deadline=call.resubmit_on)  # sudo: as above
        if call.outcome not in ("promise", "dispute"):  # these tell of themselves
            profile._note((f"noted_{call.outcome}", call._told()), tell=call.outcome in ("refuses", "plan"))

    # ------------------------------------------------------------------ small things

    @api.model
    def _chosen(self, profile, ids):
        """Those of the customer's open invoices that were chosen; others are not."""
        wanted = ids_of(ids)
        return profile.item_ids.filtered(lambda item: item.id in wanted and item.amount_residual_currency > 0)

    @api.model
    def _late(self, profile, today):
        return profile.item_ids.filtered(lambda item: item.amount_residual_currency > 0 and item.date_maturity and item.date_maturity < today)

    @api.model
    def _again(self, profile, outcome, today):
        return {"resubmit_on": self._calendar(profile, today).add_working_days(today, AGAIN[outcome])}

    @api.model
    def _calendar(self, profile, today):
        return self.env["collection.reader"]._read_calendars(profile.company_id, (), today)[None]

    @api.model
    def _amount(self, value):
        found = number_of(value)
        if found is None:
            raise UserError(self.env._("Enter an amount."))
        return found

    @api.model
    def _day(self, value):
        try:
            day = fields.Date.to_date(value)
        except (TypeError, ValueError):
            day = None
        if not day:
            raise UserError(self.env._("Enter a day."))
        return day
