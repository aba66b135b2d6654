"""Many callers at once against one credit limit: what is confirmed and posted never exceeds it.

Each caller is a process of its own that calls as a client over RPC does; Odoo repeats a call that the database turned
away 5 times, and a patient client calls again. Every caller ends with a definite answer: done, or on hold.
"""
import time
from decimal import Decimal

from .world import FaultCase

CALLERS = 20
LIMIT = 1000
# What the tests leave behind, children first; the rest is brought back by `World.reset`.
TABLES = ("credit_hold", "credit_limit", "sale_order")


class CreditCase(FaultCase):
    """Customers of a test's own, and callers that race for their credit."""

    warm = False

    def setUp(self):
        super().setUp()
        self.addCleanup(self._clean)
        if not self.warm:
            self.world._here("credit_warm_up", made=self.world.people)
            CreditCase.warm = True

    def _clean(self):
        self._end_jobs()
        self.world.sql("UPDATE credit_profile SET group_head_id = NULL WHERE group_head_id IS NOT NULL")
        for table in TABLES:
            self.world.sql(f"DELETE FROM {table}")
        self.world.sql("DELETE FROM account_move WHERE id NOT IN (SELECT id FROM invoiced.account_move) AND id NOT IN"
                       " (SELECT move_id FROM account_payment WHERE move_id IS NOT NULL)")
        self.world.reset()

    def customers(self, *wanted, group=None):
        return self.world._here("credit_customers", made=self.world.people, customers=wanted, group=group)

    def call(self, who, model, method, record, **options):
        return self.world.start("credit_call", model=model, method=method, record=record, uid=self.world.people["users"][who], **options)

    def confirm(self, order, **options):
        return self.call("seller", "sale.order", "action_confirm", order, **options)

    def post(self, move, **options):
        return self.call("accountant", "account.move", "action_post", move, **options)

    def approve(self, line, who="manager", **options):
        return self.call(who, "credit.limit", "action_approve", line, **options)

    def results(self, jobs):
        """The answers of all callers, and in the log how hard they had to try."""
        answers = [job.result() for job in jobs]
        tries = sum(answer["tries"] for answer in answers)
        print(f"\n{self.id().rpartition('.')[2]}: {len(answers)} callers, {tries} tries, at most {max(a['tries'] for a in answers)} each, "
              f"{sum(a['given_up'] for a in answers)} calls given up by Odoo, {max(a.get('took', 0) for a in answers):.1f} s", flush=True)
        return answers

    # ------------------------------------------------------------------ what must be true

    def taken(self, *customers):
        """Confirmed orders and posted invoices of customers together."""
        partners = [customer["partner"] for customer in customers]
        return self.world.sql(
            "SELECT (SELECT COALESCE(sum(amount_total), 0) FROM sale_order WHERE state = 'sale' AND partner_id = ANY(%s))"
            " + (SELECT COALESCE(sum(amount_total), 0) FROM account_move WHERE state = 'posted' AND partner_id = ANY(%s)) AS amount",
            partners, partners)[0].amount

    def assert_credit_kept(self, limit, *customers, exact=True):
        """Never over the limit, as much as fits, and what waits is on hold, once, and has not gone on."""
        taken = self.taken(*customers)
        self.assertLessEqual(taken, limit, "more than the limit was granted")
        if exact:
            self.assertEqual(taken, limit, "what would have fitted was held")
        for customer in customers:
            self._assert_held("sale_order", "order_id", customer["orders"], "sale")
            self._assert_held("account_move", "move_id", customer["invoices"], "posted")

    def _assert_held(self, table, field, documents, gone_on):
        rows = self.world.sql(
            f"SELECT d.id, d.state, d.credit_state, (SELECT count(*) FROM credit_hold h WHERE h.{field} = d.id AND h.state = 'held') AS holds"
            f" FROM {table} d WHERE d.id = ANY(%s)", documents)
        for row in rows:
            expected = (gone_on, 0) if row.state == gone_on else ("draft", 1)
            self.assertEqual((row.state, row.holds), expected, f"{table} {row.id} is {row.credit_state}")

    def assert_collided(self, answers):
        self.assertGreater(sum(answer["tries"] for answer in answers), len(answers), "no two callers met, this raced nothing")


class TestOneLimit(CreditCase):
    """20 callers and one customer's limit."""

    def test_20_parallel_confirmations_never_exceed_the_limit(self):
        customer, = self.customers({"limit": LIMIT, "orders": [100] * CALLERS})
        at = time.time() + 1
        answers = self.results([self.confirm(order, at=at) for order in customer["orders"]])
        self.assert_credit_kept(LIMIT, customer)
        self.assertEqual([answer["answer"] for answer in answers].count("done"), 10)
        self.assert_collided(answers)

    def test_callers_that_do_not_call_again_are_told_so_and_their_orders_are_as_before(self):
        customer, = self.customers({"limit": LIMIT, "orders": [100] * CALLERS})
        at = time.time() + 1
        jobs = {order: self.confirm(order, at=at, patient=False) for order in customer["orders"]}
        answers = dict(zip(jobs, self.results(jobs.values())))
        self.assertLessEqual(self.taken(customer), LIMIT)
        rows = {row.id: row for row in self.world.sql("SELECT id, state, credit_state FROM sale_order WHERE id = ANY(%s)", customer["orders"])}
        for order, answer in answers.items():
            state = {"done": ("sale", "passed"), "waits": ("draft", "held")}.get(answer["answer"], ("draft", None))
            found = rows[order].state, rows[order].credit_state and rows[order].credit_state.replace("warned", "passed")
            self.assertEqual(found, state, answer)

    def test_orders_of_different_amounts_fill_the_limit_as_far_as_they_fit(self):
        customer, = self.customers({"limit": LIMIT, "orders": [60, 90, 120, 150, 230] * 4})
        at = time.time() + 1
        answers = self.results([self.confirm(order, at=at) for order in customer["orders"]])
        self.assert_credit_kept(LIMIT, customer, exact=False)
        amounts = dict(zip(customer["orders"], [60, 90, 120, 150, 230] * 4))
        held = [amounts[order] for order, answer in zip(customer["orders"], answers) if answer["answer"] == "waits"]
        self.assertGreater(self.taken(customer) + Decimal(max(held)), LIMIT, "an order was held that fitted")
        self.assert_collided(answers)

    def test_orders_and_invoices_share_the_limit(self):
        customer, = self.customers({"limit": LIMIT, "orders": [100] * 10, "invoices": [100] * 10})
        at = time.time() + 1
        jobs = [call(document, at=at) for pair in zip(customer["orders"], customer["invoices"])
                for call, document in zip((self.confirm, self.post), pair)]
        answers = self.results(jobs)
        self.assert_credit_kept(LIMIT, customer)
        self.assert_collided(answers)

    def test_customers_without_a_profile_have_the_limit_of_all(self):
        self.world._here("credit_default", amount=LIMIT)
        self.addCleanup(self.world._here, "credit_default", amount=None)
        customer, = self.customers({"orders": [100] * CALLERS})
        at = time.time() + 1
        answers = self.results([self.confirm(order, at=at) for order in customer["orders"]])
        self.assert_credit_kept(LIMIT, customer)
        self.assert_collided(answers)


class TestGroup(CreditCase):
    """One limit over several customers."""

    def test_members_of_a_group_never_exceed_its_limit_together(self):
        head, member = self.customers({"orders": [100] * 10}, {"orders": [100] * 10}, group=LIMIT)
        self._race(head, member)

    def test_members_with_limits_of_their_own_keep_to_both(self):
        head, member, third = self.customers({"limit": 800, "orders": [100] * 7}, {"limit": 300, "orders": [100] * 7},
                                             {"limit": 5000, "orders": [100] * 3, "invoices": [100] * 3}, group=LIMIT)
        self._race(head, member, third)
        self.assertLessEqual(self.taken(head), 800)
        self.assertLessEqual(self.taken(member), 300)

    def _race(self, *members):
        at = time.time() + 1
        jobs = [self.confirm(order, at=at) for member in members for order in member["orders"]]
        jobs += [self.post(move, at=at) for member in members for move in member["invoices"]]
        answers = self.results(jobs)
        self.assert_credit_kept(LIMIT, *members)
        self.assert_collided(answers)


class TestLimitsMove(CreditCase):
    """Limits decided on while they are used."""

    def test_a_limit_lowered_holds_all_that_begins_afterwards(self):
        for number in range(3):
            with self.seed(number) as rng:
                customer, = self.customers({"limit": LIMIT, "orders": [100] * CALLERS, "proposed": [{"amount": 500}]})
                at = time.time() + 1
                jobs = [self.confirm(order, at=at, delay=rng.uniform(0, 1)) for order in customer["orders"]]
                lowered = self.approve(customer["proposed"][0], at=at, delay=rng.uniform(0, 1)).result()
                answers = self.results(jobs)
                self.assert_credit_kept(LIMIT, customer, exact=False)
                self._assert_kept_since(500, lowered, answers, customer)
                self._assert_in_force(500, customer)

    def test_two_lines_approved_at_once_leave_the_later_decision_in_force(self):
        for number, amounts in enumerate(((1500, 700), (700, 1500), (1500, LIMIT), (LIMIT, 700))):
            with self.seed(number):
                customer, = self.customers({"limit": LIMIT, "orders": [100] * CALLERS, "proposed": [{"amount": amount} for amount in amounts]})
                at = time.time() + 1
                deciding = [self.approve(line, who, at=at + .3) for line, who in zip(customer["proposed"], ("manager", "director"))]
                jobs = [self.confirm(order, at=at) for order in customer["orders"]]
                decided = self.results(deciding)
                answers = self.results(jobs)
                self.assert_credit_kept(max(LIMIT, *amounts), customer, exact=False)
                in_force = self._decided_last(customer)
                self._assert_kept_since(in_force, max(decided, key=lambda one: one["committed"]), answers, customer)
                self._assert_in_force(in_force, customer)

    def test_a_line_that_changes_no_limit_is_looked_at_again_beside_one_that_does(self):
        for number in range(3):
            with self.seed(number):
                customer, = self.customers({"limit": LIMIT, "proposed": [
                    {"kind": "insured", "amount": 500}, {"kind": "insured", "meaning": "none"}]})
                at = int(time.time()) + 2  # early in a second, so that both decisions bear the same
                self.results([self.approve(line, who, at=at) for line, who in zip(customer["proposed"], ("manager", "director"))])
                self._assert_in_force(LIMIT + self._decided_last(customer), customer)

    def test_a_line_approved_by_two_managers_at_once_counts_once(self):
        customer, = self.customers({"limit": LIMIT, "proposed": [{"amount": 700}]})
        at = time.time() + 1
        self.results([self.approve(customer["proposed"][0], who, at=at) for who in ("manager", "director")])
        self._assert_in_force(700, customer)
        lines = self.world.sql("SELECT state, decided_by FROM credit_limit WHERE id = %s", customer["proposed"][0])
        self.assertEqual([line.state for line in lines], ["approved"])

    def _decided_last(self, customer):
        """The amount of the line approved last; of two in the same second the newer one."""
        return self.world.sql(
            "SELECT COALESCE(amount, 0) AS amount FROM credit_limit WHERE profile_id = %s AND state = 'approved'"
            " ORDER BY decided_on DESC, id DESC LIMIT 1", customer["profile"])[0].amount

    def _assert_kept_since(self, limit, decision, answers, customer):
        """What began after the decision was committed kept to it: nothing went on once more was taken up."""
        after = [answer for answer in answers if answer["answer"] == "done" and answer["began"] > decision["committed"]]
        if after:
            self.assertLessEqual(self.taken(customer), limit, f"{len(after)} orders went on past the new limit")

    def _assert_in_force(self, limit, customer):
        """The limit on the profile and in core's field is that of the journal."""
        row, = self.world.sql("SELECT limit_amount FROM credit_profile WHERE id = %s", customer["profile"])
        shown, = self.world.sql("SELECT (credit_limit ->> %s)::numeric AS amount FROM res_partner WHERE id = %s",
                                str(self.world.company), customer["partner"])
        self.assertEqual((row.limit_amount, shown.amount), (limit, limit))


class TestNight(CreditCase):
    """Jobs that write the customers' rows while orders are confirmed."""

    def test_orders_and_the_nightly_look_do_not_stop_each_other(self):
        customer, = self.customers({"limit": LIMIT, "orders": [100] * CALLERS})
        at = time.time() + 1
        night = self.world.start("credit_night", at=at, rounds=10)
        answers = self.results([self.confirm(order, at=at, delay=.1 * number) for number, order in enumerate(customer["orders"])])
        self.assertEqual(night.result(), {"failures": 0, "problems": []}, "an order confirmed at night stopped the nightly job")
        self.assert_credit_kept(LIMIT, customer)
        self.assertEqual(len(answers), CALLERS)
