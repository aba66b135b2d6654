from datetime import datetime, timedelta, timezone

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date

from ..engine import calling
from ..engine.workday import Hours
from .collection_channel_documents import MOST_COPIES
from .collection_desk import day_text
from .collection_policy import zone_of
from .collection_reader_worklist import Owed
from .collection_reason import describe, jsonable
from .desk_values import id_of

PROMISE_DAYS = 7


class CollectionDesk(models.AbstractModel):
    """One customer on the call screen: live, since a payment may have come in since the list was made."""

    _inherit = "collection.desk"

    @api.model
    def load_customer(self, profile_id):
        """All that a call needs to know. Amounts in company currency, those of items in their own; see ``priority.collectable``."""
        self._check_collector()
        profile = self._profile(profile_id)
        today = profile.company_id._collection_today()
        owed = self.env["collection.reader"]._read_claims(profile.company_id, profile.partner_id.ids, today).get(profile.partner_id.id, Owed())
        shares = profile._decide_collectable(owed, today, profile.work_pinned or profile._is_back(today))
        amount = float(profile._collectable(owed, shares))
        items = self._items(profile, owed, shares, today)
        policy = self.env["collection.policy"]._in_force(profile.company_id, profile, today).get(profile.partner_id.id)
        payrun = profile._payruns().get(profile.id)
        return {
            "id": profile.id, "partner_id": profile.partner_id.id, "name": profile.partner_id.name, "currency_id": profile.currency_id.id,
            "settled": not owed.items, "collectable": amount, "left_out": self._left_out(owed, shares),
            **self._standing(owed, today), "band": profile.work_band, "percent": profile.work_percent, "pinned": profile.work_pinned,
            "reasons": self._reasons(profile), **self._character(profile, payrun, today),
            "contacts": self._contacts(profile, policy, today), "cap": self._cap(profile, policy, today),
            "items": items, "history": self._history(profile), "last_words": self._last_words(profile),
            "promises": [{"id": record.id, "text": record._sentence(), "state": record.state}
                         for record in profile.promise_ids.filtered(lambda record: record.state == "open").sorted("promised_on")],
            "plans": [{"id": record.id, "text": record._sentence(), "late": bool(record.days_late)}
                      for record in profile.plan_ids.filtered(lambda record: record.state in ("offered", "active"))],
            "disputes": [{"id": record.id, "text": record.display_name} for record in profile.dispute_ids.filtered(lambda record: record.state == "open")],
            "script": self._script(profile, items, today), "defaults": self._defaults(profile, items, payrun, today),
        }

    @api.model
    def _profile(self, profile_id):
        """The customer, if it is one of the current company that the user may see."""
        profile = self.env["credit.profile"].search([("id", "=", id_of(profile_id)), ("company_id", "=", self._company().id)], limit=1)
        if not profile:
            raise UserError(self.env._("This customer is not on your list any more."))
        return profile

    @api.model
    def _standing(self, owed, today):
        rows = list(owed.rows.values())
        late = [row for row in rows if row.due < today]
        return {"overdue": float(sum(row.base for row in late)), "balance": float(sum(row.base for row in rows)),
                "days_late": max(((today - row.due).days for row in late), default=0)}

    @api.model
    def _left_out(self, owed, shares):
        """What of the overdue amount is not called about, by reason, company currency."""
        sums = {}
        for item, share in shares.items():
            for reason, amount in share.left_out.items():
                sums[reason] = sums.get(reason, 0) + self.env["collection.reader"]._in_base(owed.rows[item], amount)
        return [{"code": reason, "label": describe(self.env, f"left_{reason}"), "amount": float(amount)} for reason, amount in sums.items()]

    @api.model
    def _character(self, profile, payrun, today):
        """How the customer pays and what it may have on credit, in words."""
        labels = dict(profile._fields["behaviour_class"]._description_selection(self.env))
        return {"payer": labels.get(profile.behaviour_class, ""), "promise_record": profile.promise_record or False,
                "hold": profile.hold_reason or False, "limit": profile.limit_text or False, "payrun": payrun._sentence(today) if payrun else False}

    # ------------------------------------------------------------------ invoices

    @api.model
    def _items(self, profile, owed, shares, today):
        """The open items, oldest first, each with what is known of it."""
        records = self.env["account.move.line"].browse([row.id for row in owed.rows.values()])
        levels = {record.id: record.collection_level_id.name for record in records}
        expected = profile._expected_dates(list(owed.rows.values()), today)
        states = {item.id: self._item_state(item, today) for item in owed.items}
        promised = {line.item_id.id: line for line in self.env["collection.promise.line"]._open_ones(records)}
        found = []
        for row in sorted(owed.rows.values(), key=lambda row: (row.due, row.id)):
            share = shares.get(row.id)
            found.append({
                "id": row.id, "move_id": row.move, "document": row.name, "due": row.due, "days_late": (today - row.due).days,
                "residual": float(row.residual), "collectable": float(share.amount) if share else 0.0, "currency_id": row.currency,
                "level": levels.get(row.id) or False, "state": states[row.id], "expected_on": expected.get(row.id) or False,
                **self._promised(promised.get(row.id))})
        return found

    @api.model
    def _promised(self, line):
        """The open promise on an item: it is renewed as a whole, so that the screen chooses all of it."""
        return {"promise_id": line.promise_id.id, "promised": line._open_amount()} if line else {"promise_id": False, "promised": 0.0}

    @api.model
    def _item_state(self, item, today):
        """Why an item, or part of it, is not asked for."""
        if item.pause and item.pause.holds(today):
            return describe(self.env, item.pause.reason, jsonable({"until": item.pause.until}))
        parts = [name for name in ("disputed", "promised", "in_transit") if getattr(item, name)]
        return describe(self.env, parts[0]) if parts else False

    # ------------------------------------------------------------------ whom to call, and when

    @api.model
    def _contacts(self, profile, policy, today):
        """Who may be called, in the order in which they are written to; see ``_read_recipients``."""
        partner = profile.partner_id
        people = partner | partner.child_ids.filtered(lambda child: child.active and (child.phone or child.email))
        hours, calendar = self._hours(profile, policy, today)
        wrong = self.env["collection.reader"]._read_wrong(people.ids)
        return [self._prepare_contact(person, partner, hours, calendar, profile.company_id) for person in people.sorted(
            lambda person: (not person.collection_contact, person.id in wrong, person.type != "invoice", not person.phone,
                            -person.id if person.collection_contact else person.id))]

    @api.model
    def _hours(self, profile, policy, today):
        """The contact hours of the policy in force, and the working days where the customer is."""
        country = profile.partner_id.country_id.code
        calendars = self.env["collection.reader"]._read_calendars(profile.company_id, {country}, today)
        hours = Hours(policy.record.hour_from, policy.record.hour_to) if policy else Hours()
        return hours, calendars.get(country) or calendars[None]

    @api.model
    def _prepare_contact(self, person, partner, hours, calendar, company):
        zone = zone_of(person.tz or partner.tz, (person.country_id or partner.country_id).code) or company._collection_timezone()
        now = datetime.now(timezone.utc).astimezone(zone).replace(tzinfo=None)
        later = calling.callable_from(now, hours, calendar)
        return {"id": person.id, "name": person.name or partner.name, "function": person.function or "", "phone": person.phone or "",
                "email": person.email or "", "local_time": f"{now:%H:%M}", "zone": str(zone).replace("_", " "), "callable": later is None,
                "why_not": False if later is None else describe(self.env, "call_later", {"on": later.date().isoformat(), "at": f"{later:%H:%M}"})}

    @api.model
    def _cap(self, profile, policy, today):
        """When the customer was last contacted, over any channel, and whether it would be too often to call."""
        engine = policy.engine if policy else self.env["collection.policy"]._nothing()
        days = self.env["collection.reader"]._read_contacts(profile, today, max(90, engine.cap_days)).get(profile.id, ())
        if not days:
            return {"ok": True, "text": False}
        recent = [day for day in days if (today - day).days < engine.cap_days]
        if engine.cap and len(recent) >= engine.cap:
            return {"ok": False, "text": describe(self.env, "cap_reached", {"count": len(recent), "days": engine.cap_days})}
        return {"ok": True, "text": describe(self.env, "last_contact", {"days": (today - days[-1]).days})}

    # ------------------------------------------------------------------ what to say, and what to fill in

    @api.model
    def _script(self, profile, items, today):
        """The script of the situation with the words of this call; amounts in the currencies the customer was invoiced in."""
        code = self._decide_situation(profile, today)
        late = [item for item in items if item["collectable"]]
        oldest = late[0] if late else None
        broken = profile.promise_ids.filtered(lambda record: record.state in ("broken", "partly"))[:1]
        return self.env["collection.script"]._for(code, profile.company_id)._spoken({
            "contact": self._contact_name(profile), "customer": profile.partner_id.name, "company": profile.company_id.name, "me": self.env.user.name,
            "amount": self._amounts_spoken(late), "document": oldest["document"] if oldest else "",
            "due": format_date(self.env, oldest["due"]) if oldest else "", "days": oldest["days_late"] if oldest else 0,
            "promise": broken._sentence() if broken else ""})

    @api.model
    def _amounts_spoken(self, items):
        """“1,200.00 € and £ 300.00”."""
        sums = {}
        for item in items:
            sums[item["currency_id"]] = sums.get(item["currency_id"], 0) + item["collectable"]
        return self.env._(" and ").join(self.env["res.currency"].browse(currency).format(amount) for currency, amount in sums.items())

    @api.model
    def _contact_name(self, profile):
        people = profile.partner_id.child_ids.filtered(lambda child: child.active and child.collection_contact and child.name and not child.collection_stop)
        return people.sorted("id")[-1:].name or profile.partner_id.name

    @api.model
    def _decide_situation(self, profile, today):
        """One engine call: which way of opening fits."""
        met = {reason["code"] for reason in profile.work_reasons or ()}
        return calling.situation("work_broken_promise" in met, "work_callback" in met, profile.behaviour_class, bool(profile.last_contact_on or profile.worked_on))

    @api.model
    def _defaults(self, profile, items, payrun, today):
        """What each outcome proposes, so that it takes two keys."""
        calendar = self._calendar(profile, today)
        tomorrow = calendar.add_working_days(today, 1)
        late = [item for item in items if item["collectable"]]
        first = (late or [item for item in items if not item["state"]] or items)[:1]
        again = self._decide_retry(profile, calendar)
        pays = calendar.next_working_day(payrun._next(today)[1] if payrun else today + timedelta(days=PROMISE_DAYS))
        return {
            "promise": self._default_promises(items, pays),
            "dispute": {"item_id": first[0]["id"], "amount": first[0]["residual"]} if first else {},
            "callback": {"on": tomorrow, "time": 10.0},
            "no_answer": {"on": again.on, "text": describe(self.env, f"again_{again.half}", {"on": day_text(self.env, again.on)})},
            "plan": {"parts": 3, "first_on": calendar.next_working_day(today + timedelta(days=PROMISE_DAYS))},
            "copy": {"move_ids": list(dict.fromkeys(item["move_id"] for item in late or first))[:MOST_COPIES], "email": self._copy_address(profile)},
        }

    @api.model
    def _default_promises(self, items, pays):
        """For each currency what can be collected, else what is open; what is promised already is chosen by hand only."""
        free = [item for item in items if not item["promise_id"]]
        chosen = [item for item in free if item["collectable"]] or free
        return [self._default_promise(currency, chosen, pays) for currency in dict.fromkeys(item["currency_id"] for item in chosen or items)]

    @api.model
    def _default_promise(self, currency, items, pays):
        own = [item for item in items if item["currency_id"] == currency]
        return {"currency_id": currency, "amount": sum(item["collectable"] or item["residual"] for item in own),
                "promised_on": pays, "item_ids": [item["id"] for item in own]}

    @api.model
    def _copy_address(self, profile):
        who = self.env["collection.reader"]._read_recipients(profile.partner_id.ids)[profile.partner_id.id]
        return who.via("email").address or ""

    @api.model
    def _decide_retry(self, profile, calendar):
        """One engine call: when to try again, should nobody answer now."""
        calls = self.env["collection.call"].search([("profile_id", "=", profile.id), ("voided", "=", False)], limit=20)
        unanswered = next((place for place, call in enumerate(calls) if call.reached), len(calls))
        now = datetime.now(timezone.utc).astimezone(profile.company_id._collection_timezone()).replace(tzinfo=None)
        return calling.retry(unanswered + 1, now, calendar, profile.company_id._collection_retry())
