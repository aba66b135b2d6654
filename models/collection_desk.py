import re
from datetime import timedelta

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools.misc import babel_locale_parse, format_date, get_lang

from .collection_call import OUTCOMES
from .collection_promise import METHODS
from .collection_reason import clock, describe

SHOWN = 200  # rows sent to the screen; nobody calls more in a day
SCOPES = ("mine", "team", "all")
DAY_SKELETONS = ("MMMMEEEEd", "MMMEEEEd", "MMMMEd", "MMMEd")
KEYS = {"promise": ("p", "fa-handshake-o"), "dispute": ("d", "fa-balance-scale"), "plan": ("l", "fa-calendar"), "copy": ("c", "fa-files-o"),
        "callback": ("b", "fa-clock-o"), "no_answer": ("n", "fa-phone-square"), "wrong_contact": ("w", "fa-user-times"), "refuses": ("r", "fa-ban")}


class CollectionDesk(models.AbstractModel):
    """What the worklist and the call screen show and record. Every method is for collectors, and for the current company."""

    _name = "collection.desk"
    _description = "Collector's desk"

    @api.model
    def _check_collector(self):
        if not self.env.user.has_group("account_credit_collection.group_collector"):
            raise AccessError(self.env._("Only collectors and credit managers work the list."))

    @api.model
    def _company(self):
        return self.env.company.root_id

    # ------------------------------------------------------------------ the list

    @api.model
    def load_worklist(self, scope=None, also=None):
        """The list of today: ``scope`` mine, team or all; without one, mine if there is anything on it.

        Money in company currency. Rows keep the order of the last ranking; those called today come last. ``also`` is a customer
        that stands on top though it may not be listed: one who is on the telephone already.
        """
        self._check_collector()
        company = self._company()
        today = company._collection_today()
        if scope not in SCOPES:
            listed = self.env["credit.profile"].search_count(self._listed(company, "mine", today) & self._todo(company, today), limit=1)
            scope = "mine" if listed else "all"
        listed = self._listed(company, scope, today)
        todo = listed & self._todo(company, today)
        groups = self.env["credit.profile"]._read_group(todo, ["work_band"], ["__count", "to_collect:sum"])
        return {
            "scope": scope, "day": today, "ranked_on": self._ranked_on(company), "currency_id": company.currency_id.id,
            "total": sum(count for _band, count, _amount in groups),
            "bands": [{"band": band, "count": count, "amount": amount} for band, count, amount in sorted(groups)],
            "rows": self._rows(todo, today, also), "hidden": self._hidden(listed, company, today), "done": self._done(today),
            "library": self._library(company),
        }

    @api.model
    def _listed(self, company, scope, today):
        """Everybody on the list of a scope, today or later."""
        domain = Domain([("company_id", "=", company.id), ("work_band", "!=", False), ("excluded", "=", False)])
        users = {"mine": self.env.user, "team": self.env.user._collection_colleagues()}.get(scope)
        if users is None:
            return domain
        owned = Domain("collector_id", "in", users.ids)
        if company.collection_user_id in users:
            owned |= Domain("collector_id", "=", False) | Domain("collector_id.active", "=", False)
        return domain & owned

    @api.model
    def _todo(self, company, today):
        """Who is to be called today: not called yet, not to be left alone, and worth it."""
        return self._unworked(today) & self._awake(company, today) & self._worth(company)

    @api.model
    def _unworked(self, today):
        return Domain.OR([[("worked_on", "=", False)], [("worked_on", "<", today)]])

    @api.model
    def _awake(self, company, today):
        """Not paused, not to come again later, and not just reminded, unless our call is awaited."""
        return (Domain.OR([[("resubmit_on", "=", False)], [("resubmit_on", "<=", today)]])
                & Domain.OR([[("paused_until", "=", False)], [("paused_until", "<", today)]])
                & (Domain("work_pinned", "=", True) | self._back(company, today) | ~self._noticed(company, today)))

    @api.model
    def _back(self, company, today):
        """Whose day to be called again has just come."""
        return Domain([("resubmit_on", "<=", today), ("resubmit_on", ">=", today - timedelta(days=company.collection_notice_days))])

    @api.model
    def _noticed(self, company, today):
        """Who was just asked in writing, or is about to be: the follow-up runs after the list was ranked."""
        since = today - timedelta(days=company.collection_notice_days)
        return Domain("action_ids", "any", [("kind", "=", "after"), ("channel", "!=", "call"), ("planned_on", ">", since),
                                            ("state", "in", ("ready", "checking", "sending", "retry", "sent"))])

    @api.model
    def _worth(self, company):
        """Small customers are left to the reminders, unless something puts them on top."""
        least = company.collection_worklist_minimum
        return Domain.OR([[("to_collect", ">=", least)], [("work_pinned", "=", True)]]) if least else Domain.TRUE

    @api.model
    def _rows(self, todo, today, also=None):
        profiles = self.env["credit.profile"].search(
            todo, order="work_pinned desc, work_band, work_value desc, to_collect desc, id", limit=SHOWN)
        if also:
            profiles = self._profile(also) | profiles
        calls = self._calls_of(today)
        last = {call.profile_id: call for call in calls.sorted("id")}
        worked = self.env["credit.profile"].browse(profile.id for profile in last) - profiles
        profiles.partner_id.fetch(["name"])
        return ([self._prepare_row(profile) for profile in profiles]
                + [{**self._prepare_row(profile), "state": "done", "outcome": last[profile].outcome} for profile in worked])

    @api.model
    def _prepare_row(self, profile):
        return {
            "id": profile.id, "name": profile.partner_id.name, "band": profile.work_band, "percent": profile.work_percent,
            "amount": profile.to_collect, "pinned": profile.work_pinned, "state": "todo", "outcome": False,
            "at": clock(profile.resubmit_time) if profile.resubmit_kind == "callback" and profile.resubmit_time else False,
            "reasons": [reason["text"] for reason in self._reasons(profile)],
        }

    @api.model
    def _reasons(self, profile):
        """Why a customer is on the list: what puts it on top, then the dearest reason."""
        found = sorted(profile.work_reasons or (), key=lambda reason: (not reason.get("first"), -reason["points"]))
        return [{"text": describe(self.env, reason["code"], self._worded(profile, reason["detail"])), "points": reason["points"]} for reason in found]

    @api.model
    def _worded(self, profile, detail):
        return {**detail, "amount": profile.currency_id.format(detail["amount"])} if "amount" in detail else detail

    @api.model
    def _hidden(self, listed, company, today):
        """How many are on the list, but not today: to come again later, or left to the reminders."""
        Profile = self.env["credit.profile"]
        waiting, awake = listed & self._unworked(today), self._awake(company, today)
        return {"later": Profile.search_count(waiting & ~awake), "small": Profile.search_count(waiting & awake & ~self._worth(company))}

    @api.model
    def _ranked_on(self, company):
        last = self.env["credit.profile"].search([("company_id", "=", company.id), ("ranked_on", "!=", False)], order="ranked_on desc", limit=1)
        return last.ranked_on

    # ------------------------------------------------------------------ what was done today

    @api.model
    def _calls_of(self, today):
        return self.env["collection.call"].search(
            [("user_id", "=", self.env.uid), ("day", "=", today), ("voided", "=", False), ("company_id", "=", self._company().id)])

    @api.model
    def _done(self, today):
        """Customers called today by this user, and what they promised, in company currency."""
        calls = self._calls_of(today)
        promises = calls.promise_id
        own = self._company().currency_id
        promised = sum(record.currency_id._convert(record.amount, own, record.company_id, today) for record in promises)
        return {"count": len(calls.profile_id), "promised": promised}

    # ------------------------------------------------------------------ what the screens choose from

    @api.model
    def _library(self, company):
        labels = dict(self.env["collection.call"]._fields["outcome"]._description_selection(self.env))
        reasons = self.env["collection.dispute.reason"].search([])
        methods = dict(self.env["collection.promise"]._fields["method"]._description_selection(self.env))
        return {
            "outcomes": [{"code": code, "label": labels[code], "key": KEYS[code][0], "icon": KEYS[code][1]} for code, _label in OUTCOMES],
            "excuses": [self._prepare_excuse(excuse, company) for excuse in self.env["collection.excuse"].search([])],
            "dispute_reasons": [{"id": reason.id, "name": reason.name, "evidence": reason.evidence or ""} for reason in reasons],
            "methods": [[code, methods[code]] for code, _label in METHODS],
        }

    @api.model
    def _prepare_excuse(self, excuse, company):
        least = company.collection_answer_cases
        return {
            "id": excuse.id, "code": excuse.code or "", "name": excuse.name, "ask": excuse.ask or "", "outcome": excuse.outcome,
            "dispute_reason_id": excuse.dispute_reason_id.id,
            "answers": [{"id": answer.id, "text": answer.text, "used": answer.used, "rate": False if (rate := answer._decide_rate(least)) is None else rate}
                        for answer in excuse.answer_ids._decide_order(least)],
        }


def day_text(env, day):
    """“Thursday, 26 November” in the reader's language."""
    return format_date(env, day, date_format=_day_pattern(babel_locale_parse(get_lang(env).code)))


def _day_pattern(locale):
    """How a language writes weekday, day and month: its own order and words, with whole names in place of short ones.

    Few languages have a pattern for just that, all have one for “Thu, 26 Nov”.
    """
    known = (locale.datetime_skeletons.get(name) for name in DAY_SKELETONS)
    pattern = next((str(found) for found in known if found), "EEEE, d MMMM")
    return re.sub(r"'[^']*'|([Ec])\1*|([ML])\2{2,}", lambda match: 4 * (match[1] or match[2] or "") or match[0], pattern)
