from datetime import date
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

# A payment is dated by the begin of its transaction, and an import of payments takes minutes: so close together a payment and a check have no order.
SLACK = "20 minutes"
# Whose contact it was when it was planned: a merge of customers brings two of one day together, which nobody sent twice.
CUSTOMER = SQL("COALESCE(NULLIF(split_part(a.dedupe_key, '|', 2), ''), a.partner_id::text)")

# What each check looks at, to be counted.
SIZES = {
    "I-1": ("collection_action", "state = 'sent'"), "I-2": ("collection_action", "state = 'sent' AND checked_at IS NOT NULL"),
    "I-3": ("collection_action", "state = 'sent'"), "I-4": ("collection_action_line", "advances AND live AND item_id IS NOT NULL"),
    "I-5": ("collection_plan", "true"), "I-6": ("collection_charge_line", "kind = 'interest' AND state <> 'reversed'"),
    "I-7": ("collection_charge_line", "state <> 'reversed'"), "I-8": ("collection_charge", "true"),
    "I-9": ("credit_limit", "kind = 'base' AND state = 'approved' AND cap > 0"), "I-10": ("collection_action_line", "item_id IS NOT NULL"),
    "I-11": ("collection_dispute", "state = 'open'"), "I-12": ("collection_run", "state <> 'running'"),
}


class Violation(NamedTuple):
    """Records ``ids`` of ``model`` that are not as they must be, found by the check ``code``; ``detail`` is for the sentence of ``rule``.

    ``subject``: what is wrong about them, where the records alone do not say it or change from night to night.
    """

    rule: str
    company_id: int | None
    model: str
    ids: tuple[int, ...]
    detail: dict
    subject: tuple = ()
    code: str = ""

    def _key(self):
        """The same violation, found again."""
        return f"{self.code}|{self.rule}|{self.model}|{','.join(map(str, self.subject or self.ids))}"


class CollectionReader(models.AbstractModel):
    """What must be true of contacts, runs and companies, looked up in what is stored. Nothing is written here.

    Contacts and runs are looked at from a day on: what happened can not be undone, and was found when it happened.
    """

    _inherit = "collection.reader"

    @api.model
    def _found_broken(self, rule, model, query):
        """The rows ``(company, ids, detail)``, and the subject where there is one, of a query as what breaks ``rule``."""
        return [Violation(rule, company, model, tuple(sorted(set(ids))), detail or {}, *map(tuple, subject))
                for company, ids, detail, *subject in self.env.execute_query(query)]

    @api.model
    def _read_invariant_sizes(self):
        """``{code: number of records looked at}``."""
        parts = [SQL("SELECT %s, count(*) FROM %s WHERE %s", code, SQL.identifier(table), SQL(where)) for code, (table, where) in SIZES.items()]
        return dict(self.env.execute_query(SQL(" UNION ALL ").join(parts)))

    @api.model
    def _read_invariant_rows(self):
        """About how many rows a self-check reads: as the database last estimated them, at no cost."""
        return self.env.execute_query(SQL(
            "SELECT COALESCE(sum(GREATEST(0, reltuples)), 0) FROM pg_class WHERE oid IN ('collection_action_line'::regclass, 'collection_charge_line'::regclass)"))[0][0]

    @api.model
    def _read_sent_twice(self, since=date.min):
        """I-1: contacts with one key that were both sent."""
        return self._found_broken("sent_twice", "collection.action", SQL(
            """SELECT min(company_id), array_agg(id), jsonb_build_object('count', count(*))
                 FROM collection_action
                WHERE state = 'sent' AND dedupe_key IN (SELECT dedupe_key FROM collection_action WHERE state = 'sent' AND sent_on >= %s)
                GROUP BY dedupe_key HAVING count(*) > 1""", since))

    @api.model
    def _read_sent_paid(self, since=date.min):
        """I-2: contacts that were sent although all that they asked for had been settled before their check."""
        return self._found_broken("sent_paid", "collection.action", SQL(
            """WITH item AS (
                   SELECT DISTINCT a.id AS action, a.company_id, i.id, i.currency_id, i.amount_currency, a.checked_at
                     FROM collection_action a JOIN collection_action_line l ON l.action_id = a.id
                     LEFT JOIN account_move_line i ON i.id = l.item_id AND i.parent_state = 'posted' AND i.amount_currency > 0
                    WHERE a.state = 'sent' AND a.checked_at IS NOT NULL AND a.sent_on >= %s),
               paid AS (
                   SELECT item.action, item.id, sum(p.debit_amount_currency) AS amount
                     FROM item JOIN account_partial_reconcile p ON p.debit_move_id = item.id
                    WHERE p.create_date < item.checked_at - %s::interval
                    GROUP BY 1, 2)
               SELECT min(item.company_id), ARRAY[item.action], NULL
                 FROM item LEFT JOIN res_currency c ON c.id = item.currency_id
                 LEFT JOIN paid ON paid.action = item.action AND paid.id = item.id
                GROUP BY item.action
               HAVING bool_and(item.id IS NOT NULL AND item.amount_currency - COALESCE(paid.amount, 0) < c.rounding / 2)""", since, SLACK))

    @api.model
    def _read_same_day(self, since=date.min):
        """I-3: more than one message to a customer over one channel on one day."""
        return self._found_broken("same_day", "collection.action", SQL(
            """SELECT a.company_id, array_agg(a.id), jsonb_build_object('count', count(*), 'on', a.sent_on, 'channel', a.channel)
                 FROM collection_action a WHERE a.state = 'sent' AND a.sent_on >= %s
                GROUP BY a.company_id, %s, a.channel, a.sent_on HAVING count(*) > 1""", since, CUSTOMER))

    @api.model
    def _read_too_soon(self, since=date.min):
        """I-4: messages that left before the policy's days since another contact were over.

        Only what a job sent by itself counts, by a policy that is as it was then.
        """
        return self._found_broken("too_soon_after", "collection.action", SQL(
            """SELECT a.company_id, ARRAY[a.id, min(b.id)],
                      jsonb_build_object('on', a.sent_on, 'before', max(b.sent_on), 'gap', max(p.gap_days))
                 FROM collection_action a
                 JOIN collection_policy p ON p.id = a.policy_id AND p.write_date <= a.create_date
                 JOIN collection_action b ON b.profile_id = a.profile_id AND b.id < a.id AND b.run_id <> a.run_id AND b.state = 'sent'
                  AND split_part(b.dedupe_key, '|', 2) = split_part(a.dedupe_key, '|', 2)
                  AND b.sent_at < a.checked_at AND b.sent_on <= a.sent_on AND b.sent_on > a.sent_on - GREATEST(1, p.gap_days)
                WHERE a.state = 'sent' AND a.channel IN ('email', 'sms') AND a.sent_on >= %s
                GROUP BY a.id""", since))

    @api.model
    def _read_level_order(self, since=date.min):
        """I-4: items that a contact took back, or over a level, by levels that are as they were then.

        A contact that came back later did take the item over its level: the next one left before anybody knew.
        """
        return self._found_broken("level_order", "collection.action", SQL(
            """WITH step AS (
                   SELECT a.id, a.company_id, a.policy_id, a.create_date, l.item_id, l.document, l.round, v.id AS level, v.offset_days AS days,
                          GREATEST(v.write_date, p.write_date) AS set_on, p.catch_up
                     FROM collection_action_line l JOIN collection_action a ON a.id = l.action_id
                     JOIN collection_level v ON v.id = l.level_id JOIN collection_policy p ON p.id = a.policy_id
                    WHERE l.advances AND l.live AND v.policy_id = a.policy_id AND l.item_id IN (
                          SELECT n.item_id FROM collection_action_line n JOIN collection_action x ON x.id = n.action_id
                           WHERE n.advances AND n.live AND x.create_date >= %s)),
               once AS (SELECT item_id, policy_id, level, round, min(id) AS id FROM step GROUP BY 1, 2, 3, 4),
               pair AS (
                   SELECT step.*, lag(step.days) OVER w AS old_days, lag(step.round) OVER w AS old_round, lag(step.level) OVER w AS old_level,
                          lag(step.set_on) OVER w AS old_set_on, lag(step.policy_id) OVER w AS old_policy, lag(step.id) OVER w AS old_id
                     FROM step JOIN once USING (item_id, policy_id, level, round, id)
                   WINDOW w AS (PARTITION BY step.item_id ORDER BY step.id))
               SELECT company_id, ARRAY[old_id, id], jsonb_build_object('document', document), ARRAY[item_id, old_id, id]
                 FROM pair
                WHERE create_date >= %s AND old_policy = policy_id AND GREATEST(set_on, old_set_on) <= create_date
                  AND (days < old_days OR (level = old_level AND round <= old_round)
                       OR (catch_up = 'climb' AND old_days > 0 AND EXISTS (
                           SELECT FROM collection_level v WHERE v.policy_id = pair.policy_id AND v.active AND v.write_date <= pair.create_date
                              AND v.offset_days > old_days AND v.offset_days < days AND NOT EXISTS (
                                  SELECT FROM collection_action_line d JOIN collection_action x ON x.id = d.action_id
                                   WHERE d.item_id = pair.item_id AND d.level_id = v.id AND d.advances AND d.action_id < pair.id AND x.sent_at IS NOT NULL))))""",
            since, since))

    @api.model
    def _read_run_totals(self, since=date.min):
        """I-12: runs whose outcome is not what they planned, by level and channel."""
        return self._found_broken("run_totals", "collection.run", SQL(
            """WITH run AS (SELECT id FROM collection_run WHERE state <> 'running' AND run_date >= %s),
                    counted AS (SELECT run_id, level_id, channel, sum(count) AS number FROM collection_run_count
                                 WHERE outcome = 'contact' AND run_id IN (SELECT id FROM run) GROUP BY 1, 2, 3),
                    planned AS (SELECT run_id, level_id, channel, count(*) AS number FROM collection_action WHERE run_id IN (SELECT id FROM run) GROUP BY 1, 2, 3)
               SELECT r.company_id, ARRAY[r.id], jsonb_build_object('counted', COALESCE(sum(counted.number), 0), 'planned', COALESCE(sum(planned.number), 0))
                 FROM counted FULL JOIN planned USING (run_id, level_id, channel) JOIN collection_run r ON r.id = run_id
                GROUP BY r.id HAVING bool_or(counted.number IS DISTINCT FROM planned.number)""", since))

    # ------------------------------------------------------------------ companies

    @api.model
    def _read_across_companies(self):
        """I-10: what is about an item, a customer, a run or a bill of another company."""
        return self._read_items_across() + self._read_heads_across("collection.action", SQL("h.run_id"), SQL("collection_run")) \
            + self._read_heads_across("collection.charge", SQL("h.run_id"), SQL("collection_charge_run"))

    @api.model
    def _read_items_across(self):
        found = []
        for model, head in (("collection.action.line", "action_id"), ("collection.charge.line", "charge_id"), ("collection.plan.line", "plan_id"),
                            ("collection.settlement.line", "settlement_id"), ("collection.handover.line", "handover_id"),
                            ("collection.promise.line", "promise_id"), ("collection.dispute", "id")):
            told = model.removesuffix(".line")
            found += self._found_broken("across", told, SQL(
                """SELECT h.company_id, ARRAY[h.id], jsonb_build_object('other', min(ic.name))
                     FROM %(lines)s l JOIN %(heads)s h ON h.id = l.%(head)s JOIN account_move_line i ON i.id = l.item_id
                     JOIN res_company hc ON hc.id = h.company_id JOIN res_company ic ON ic.id = i.company_id
                    WHERE split_part(hc.parent_path, '/', 1) <> split_part(ic.parent_path, '/', 1) GROUP BY h.id""",
                lines=SQL.identifier(self.env[model]._table), heads=SQL.identifier(self.env[told]._table), head=SQL.identifier(head)))
        return found

    @api.model
    def _read_heads_across(self, model, link, table):
        """Contacts and charges of another company than their customer or their run."""
        return self._found_broken("across", model, SQL(
            """SELECT h.company_id, ARRAY[h.id], jsonb_build_object('other', c.name)
                 FROM %s h JOIN credit_profile p ON p.id = h.profile_id LEFT JOIN %s r ON r.id = %s
                 JOIN res_company c ON c.id = CASE WHEN p.company_id <> h.company_id THEN p.company_id ELSE r.company_id END
                WHERE p.company_id <> h.company_id OR r.company_id <> h.company_id""", SQL.identifier(self.env[model]._table), table, link))
