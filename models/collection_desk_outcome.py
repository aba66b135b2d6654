from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.mail import email_normalize, plaintext2html

from .collection_call import OUTCOMES, UNREACHED
from .collection_channel_documents import MOST_COPIES
from .desk_values import NOTE_SIZE, day_of, id_of, ids_of, number_of, plain_values, text_of

LONGEST_CALL = 4 * 3600
TOKEN_SIZE = 64
CALLBACK_DAYS = 90  # whoever is to be called later than that is asked again before
PLACE = ("worked_on", "resubmit_on", "resubmit_time", "resubmit_kind", "work_pinned")
# Days in a working calendar after which a customer is looked at again.
AGAIN = {"copy": 2, "dispute": 2, "refuses": 5, "wrong_contact": 1}


class CollectionDesk(models.AbstractModel):
    """What a call came to: one record, all that follows from it in the same transaction, and the customer's next day."""

    _inherit = "collection.desk"

    @api.model
    def save_outcome(self, profile_id, outcome, values):
        """Record a call; what ``values`` may hold depends on ``outcome``. Amounts in the currency of the items.

        A call of the same customer repeated with the same ``token`` records nothing again. Raises UserError in plain words; nothing is left half-made.
        """
        self._check_collector()
        profile, values = self._profile(profile_id), plain_values(values)
        if not isinstance(outcome, str) or outcome not in dict(OUTCOMES):
            raise UserError(self.env._("Choose what the call came to."))
        today = profile.company_id._collection_today()
        call, tasks = self._known(profile, values), self._tasks(profile)
        if not call:
            made = {"before": self._place(profile), **getattr(self, f"_prepare_{outcome}")(profile, values, today)}
            call = self._record(profile, outcome, values, made, today)
            getattr(self, f"_perform_{outcome}", lambda call, values: None)(call, values)
            self._follow(call)
            call.sudo().tasks = self._changed_tasks(tasks, self._tasks(profile))  # sudo: calls are written here only
        return {"call_id": call.id, "text": call.sentence, "undo": call.outcome != "copy", "done": self._done(today)}

    @api.model
    def _known(self, profile, values):
        """The call that this very form made already, when an answer was lost on its way; one taken back since is not it."""
        Call, token = self.env["collection.call"], text_of(values.get("token"), TOKEN_SIZE)
        return Call.search([("token", "=", token), ("profile_id", "=", profile.id), ("user_id", "=", self.env.uid), ("voided", "=", False)],
                           limit=1) if token else Call

    @api.model
    def _record(self, profile, outcome, values, made, today):
        excuse = self.env["collection.excuse"].browse(id_of(values.get("excuse_id"))).exists()
        answer = self.env["collection.excuse.answer"].browse(id_of(values.get("answer_id"))).exists()
        contact = self._contact(profile, values)
        call = self.env["collection.call"].sudo().create({  # sudo: calls are made here only
            "profile_id": profile.id, "user_id": self.env.uid, "called_at": fields.Datetime.now(), "day": today, "outcome": outcome,
            "contact_id": contact.id, "number": contact.phone, "note": text_of(values.get("note")),
            "excuse_id": excuse.id, "answer_id": answer.id if answer.excuse_id == excuse else False,
            "token": text_of(values.get("token"), TOKEN_SIZE) or False,
            "seconds": min(LONGEST_CALL, max(0, int(number_of(values.get("seconds")) or 0))),
            **made})
        profile.sudo().write({  # sudo: the place on the list is moved here only
            "worked_on": today, "resubmit_on": call.resubmit_on, "resubmit_time": call.resubmit_time, "resubmit_kind": outcome,
            "work_pinned": profile.work_pinned and outcome in UNREACHED})
        return call.sudo(False)

    @api.model
    def _place(self, profile):
        """The place on the list before anything follows from the call: what taking it back restores."""
        return {name: fields.Date.to_string(profile[name]) if name.endswith("_on") and profile[name] else profile[name] for name in PLACE}

    # ------------------------------------------------------------------ one method an outcome

    @api.model
    def _prepare_promise(self, profile, values, today):
        items = self._chosen(profile, values.get("item_ids"))
        if not items:
            raise UserError(self.env._("Choose the invoices that were promised."))
        if len(items.currency_id) > 1:
            raise UserError(self.env._("The invoices are in several currencies. Take one promise for each currency."))
        renewed = self._renewed(profile, values)
        said = {"amount": self._amount(values.get("amount")), "promised_on": self._day(values.get("promised_on")),
                "method": values.get("method") or "transfer", "note": str(values.get("note") or "")[:NOTE_SIZE] or False}
        self.env["collection.promise"]._check_given(said)
        promise = self.env["collection.promise.wizard"].create({
            "profile_id": profile.id, "currency_id": items.currency_id.id, "on": "items", "item_ids": items.ids,
            "previous_id": renewed.id, **said})._take()
        return {"promise_id": promise.id, "renewed_id": renewed.id, "item_ids": items.ids, "resubmit_on": profile._after_promise(promise, today)}

    @api.model
    def _renewed(self, profile, values):
        """The promise on the screen that the new one stands in for; none gives way without being named."""
        wanted = id_of(values.get("previous_id"))
        promise = profile.promise_ids.filtered(lambda record: record.id == wanted)
        if promise and promise.state != "open":
            raise UserError(self.env._("%s is not open any more. Look at the customer again to see what became of it.", promise.display_name))
        return promise

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
            "reason": text_of(values.get("note")) or reason.name})
        return {"dispute_id": dispute.id, "item_ids": item.ids, **self._again(profile, "dispute", today)}

    @api.model
    def _prepare_copy(self, profile, values, today):
        moves = profile.item_ids.move_id
        chosen = ids_of(values.get("move_ids"))
        moves = moves.filtered(lambda move: move.id in chosen and move.is_sale_document())
        if not moves:
            raise UserError(self.env._("Choose the invoices to send copies of."))
        if len(moves) > MOST_COPIES:
            raise UserError(self.env._("One mail takes copies of %s invoices at most. Choose fewer.", MOST_COPIES))
        address = email_normalize(text_of(values.get("email")))
        if not address:
            raise UserError(self.env._("Enter the e-mail address to send the copies to."))
        return {"item_ids": (moves.line_ids & profile.item_ids).ids, "number": address, **self._again(profile, "copy", today)}

    @api.model
    def _prepare_callback(self, profile, values, today):
        on = self._day(values.get("on"))
        if on < today:
            raise UserError(self.env._("Choose a day to come."))
        if on > today + timedelta(days=CALLBACK_DAYS):
            raise UserError(self.env._("Choose a day within the next %s days.", CALLBACK_DAYS))
        return {"resubmit_on": on, "resubmit_time": min(24.0, max(0.0, number_of(values.get("time")) or 0.0))}

    @api.model
    def _prepare_no_answer(self, profile, values, today):
        again = self._decide_retry(profile, self._calendar(profile, today))
        if again.exhausted:
            profile._ask_once("address", self.env._("Nobody answers: find another number"))
        return {"resubmit_on": again.on, "resubmit_time": 9.0 if again.half == "morning" else 14.0}

    @api.model
    def _prepare_refuses(self, profile, values, today):
        return self._again(profile, "refuses", today)

    @api.model
    def _perform_copy(self, call, values):
        self.env["collection.channel"]._queue_copies(call)

    @api.model
    def _perform_refuses(self, call, values):
        call.profile_id.sudo()._task("account_credit_collection.mail_activity_collection_task",
                                     self.env._("Refuses to pay: decide what comes next"), note=self._task_note(call))  # sudo: a task for whoever looks after it

    @api.model
    def _task_note(self, call):
        """What was typed, as it was typed, for a field that shows markup."""
        return plaintext2html(call.note) if call.note else False

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
        day = day_of(value)
        if not day:
            raise UserError(self.env._("Enter a day."))
        return day
