from datetime import timedelta

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools.misc import format_date, get_lang

from ..engine.ageing import LATE
from ..engine.promise import JUDGED

JUDGED_DAYS = 90


class CollectionOverview(models.AbstractModel):
    """What the landing page shows: one call, a fixed number of queries, for the current company.

    Each figure brings the words for its formula (``help``) and the list behind it (``open``: an action, a domain, a context).
    """

    _name = "collection.overview"
    _description = "Overview of collections"

    @api.model
    def load_overview(self):
        """The page of today in the reader's language; amounts are texts in the company's currency."""
        self._check_viewer()
        company = self.env.company.root_id
        today = company._collection_today()
        aged = self._read_ageing(company)
        if not aged and not self.env["credit.profile"].search_count([("company_id", "=", company.id)], limit=1):
            return {"empty": True}
        months, week = self._read_months(company, today), self._week(company, today)
        return {
            "empty": False, "day": today, "company": company.display_name, "changed": self._changed(company, aged, months),
            "tiles": [self._tile_due(company, today, week), self._tile_expected(company, today, week), self._tile_overdue(company, aged),
                      self._tile_kept(company, today), self._tile_disputes(company, today)],
            "work": self._work(company, today), "ageing": self._ageing(company, aged), "trend": self._trend(company, today, months),
        }

    @api.model
    def _check_viewer(self):
        if not self.env.user.has_group("account_credit_collection.group_viewer"):
            raise AccessError(self.env._("The overview is for those who may see receivables: ask a credit manager for the right."))

    @api.model
    def _opens(self, action, name, domain=None, context=None, **more):
        """The list behind a figure: an action of ours, narrowed; without ``domain`` as it is.

        ``more``: the ``view`` to begin with instead of the list, ``params`` of a screen that is no list.
        """
        return {"action": f"account_credit_collection.{action}", "name": name, "domain": domain and list(Domain(domain)), "context": context or {}, **more}

    @api.model
    def _tile(self, code, label, value, detail, formula, opens):
        return {"code": code, "label": label, "value": value, "detail": detail, "help": formula, "open": opens}

    # ------------------------------------------------------------------ tiles

    @api.model
    def _week(self, company, today):
        """First and last day of the reader's week; when no working day is left of it, of the one that comes."""
        first = today - timedelta(days=(today.isoweekday() - int(get_lang(self.env).week_start)) % 7)
        works = self.env["collection.reader"]._read_calendars(company, (), today)[None]
        if works.next_working_day(today) > first + timedelta(days=6):
            first += timedelta(days=7)
        return first, first + timedelta(days=6)

    @api.model
    def _tile_due(self, company, today, week):
        first, last = week
        domain = [("root_id", "=", company.id), ("due", ">=", first), ("due", "<=", last), ("bucket", "!=", "credit")]
        amount, items = self.env["collection.ageing"]._read_group(domain, [], ["amount:sum", "__count"])[0]
        label = self.env._("Due this week") if first <= today else self.env._("Due next week")
        return self._tile("due", label, company.currency_id.format(amount), self._items_text(items), self.env._(
            "What is open of invoices that are due from %(first)s to %(last)s, without unapplied credits.",
            first=format_date(self.env, first), last=format_date(self.env, last)),
            self._opens("collection_ageing_action", label, domain))

    @api.model
    def _tile_expected(self, company, today, week):
        first, last = week
        domain = Domain([("company_id", "=", company.id), ("expected_on", "<=", last), ("source", "!=", "overdue")])
        Forecast = self.env["collection.forecast"]
        amount, = Forecast._read_group(domain, [], ["amount:sum"])[0]
        agreed, = Forecast._read_group(domain & Domain("source", "!=", "habit"), [], ["amount:sum"])[0]
        label = self.env._("Expected this week") if first <= today else self.env._("Expected next week")
        money = company.currency_id.format
        return self._tile("expected", label, money(amount), self.env._("%s promised, planned or on its way", money(agreed)), self.env._(
            "What was promised, planned or is on its way until %s, and what customers usually pay by then. "
            "Money that is later than usual is left out: nobody knows when it comes.", format_date(self.env, last)),
            self._opens("collection_forecast_action", label, domain))

    @api.model
    def _tile_overdue(self, company, aged):
        amount = sum(row["amount"] for row in aged if row["bucket"] in LATE)
        whole = sum(row["amount"] for row in aged if row["bucket"] != "credit")
        label = self.env._("Overdue")
        detail = self.env._("%(share)s %% of %(total)s open", share=round(100 * amount / whole) if whole else 0, total=company.currency_id.format(whole))
        return self._tile("overdue", label, company.currency_id.format(amount), detail, self.env._(
            "What is open of invoices after their due date, by contract, without unapplied credits."),
            self._opens("collection_ageing_action", label, [("root_id", "=", company.id), ("bucket", "in", LATE)]))

    @api.model
    def _tile_kept(self, company, today):
        domain = [("company_id", "=", company.id), ("state", "in", JUDGED), ("judged_on", ">", today - timedelta(days=JUDGED_DAYS))]
        judged, kept, promised, paid = self.env["collection.reader"]._read_judged(domain)
        label = self.env._("Promises kept")
        value = self.env._("%s %%", round(100 * kept / judged)) if judged else self.env._("none yet")
        detail = self.env._("%(kept)s of %(judged)s; %(share)s %% of the money", kept=kept, judged=judged,
                            share=round(100 * paid / promised) if promised else 0) if judged else self.env._("within %s days", JUDGED_DAYS)
        return self._tile("kept", label, value, detail, self.env._(
            "Promises kept / promises that came due within %s days. Of the money: what came in time, at most what was promised / what was promised.",
            JUDGED_DAYS), self._opens("collection_promise_action", label, domain, {"search_default_open": 0}))

    @api.model
    def _tile_disputes(self, company, today):
        domain = [("company_id", "=", company.id), ("state", "=", "open")]
        rows = self.env["collection.dispute"]._read_group(domain, ["currency_id"], ["__count", "open_amount:sum"])
        amount = sum(currency._convert(part, company.currency_id, company, today) for currency, _count, part in rows)
        count, label = sum(row[1] for row in rows), self.env._("Contested")
        detail = self.env._("1 open dispute") if count == 1 else self.env._("%s open disputes", count)
        return self._tile("disputes", label, company.currency_id.format(amount), detail, self.env._(
            "What customers still contest in open disputes; nobody is asked for it."), self._opens("collection_dispute_action", label, domain))

    @api.model
    def _items_text(self, count):
        return self.env._("1 item") if count == 1 else self.env._("%s items", count)
