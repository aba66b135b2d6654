from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .snapshot import FEB, MAR, SnapshotCommon


@tagged("post_install", "-at_install")
class TestProvision(SnapshotCommon):
    """What of the receivables of a day is expected to be lost; nothing is booked."""

    def _matrix(self, day=MAR, **values):
        matrix = self.env["collection.provision"].create({"company_id": self.company.id, "day": day, **values})
        matrix.action_compute()
        return matrix

    def _line(self, matrix, bucket):
        return matrix.line_ids.filtered(lambda line: line.bucket == bucket)

    def _rolling_ledger(self):
        """Of 160 due on 1 February half is paid on the day; of the rest 40 on 5 March, 20 on 5 April, 10 on 5 May: every month half of it."""
        west = self._customer("Westwind")
        bad = self._bill(date(2025, 1, 1), date(2025, 2, 1), 80, west)
        self._receive(self._bill(date(2025, 1, 1), date(2025, 2, 1), 80, west), date(2025, 2, 1), 80)
        for month, amount in ((3, 40), (4, 20), (5, 10)):
            self._receive(bad, date(2025, month, 5), amount)
        return west

    def _segment(self, name, partner, **values):
        segment = self.env["credit.segment"].sudo().create({"name": name, "company_id": self.company.id, "is_draft": False, **values})
        self._profile(partner).sudo().segment_id = segment
        return segment

    def test_from_rolls(self):
        """Each roll is 50 %: of what is not due 6.25 % is lost, and twice as much by the segment's outlook; of what is over 90 days late all."""
        west = self._rolling_ledger()
        segment = self._segment("Test", west, forward_factor=2.0)
        self._bill(date(2025, 5, 20), date(2025, 6, 20), 1000, west)
        self._build(date(2025, 1, 1), date(2025, 5, 31))
        rows = [self._row(date(2025, *day), west) for day in ((2, 28), (3, 31), (4, 30), (5, 31))]
        self.assertEqual([rows[0].b30, rows[1].b60, rows[2].b90, rows[3].over], [80, 40, 20, 10])
        mine = self._matrix(date(2025, 5, 31), months=5).line_ids.filtered(lambda line: line.segment_id == segment)
        self.assertRecordValues(mine.sorted("place"), [
            {"bucket": "not_due", "amount": 1000, "rate": 6.25, "factor": 2, "provision": 125, "source": "segment"},
            {"bucket": "over", "amount": 10, "rate": 100, "factor": 2, "provision": 10, "source": "segment"},
        ])

    def test_as_of_a_day_within_a_month(self):
        """On 15 June four months are February to May: each roll is 50 %, from 160 not due at the end of January on."""
        west = self._rolling_ledger()
        segment = self._segment("Test", west)
        self._bill(date(2025, 5, 20), date(2025, 6, 20), 1000, west)
        self._build(date(2025, 1, 1), date(2025, 5, 31))
        line = self._line(self._matrix(date(2025, 6, 15), months=4), "not_due").filtered(lambda line: line.segment_id == segment)
        self.assertRecordValues(line, [{"amount": 1000, "rate": 6.25, "provision": 62.5, "source": "segment"}])

    def test_a_segment_without_history_takes_the_companys(self):
        """All customers: 1,080 of 2,560 not due rolled, 140 of 1,080, more than the 40 there were (31 days passed a class in one month), 10 of 20:
        42.19 % × 12.96 % × 100 % × 50 % = 2.7344 %."""
        self._rolling_ledger()
        self._build(date(2025, 1, 1), date(2025, 5, 31))
        newcomer = self._customer("Newcomer")
        segment = self._segment("New ones", newcomer)
        self._bill(date(2025, 5, 20), date(2025, 6, 20), 100, newcomer)
        line = self._matrix(date(2025, 5, 31), months=5).line_ids.filtered(lambda line: line.segment_id == segment)
        self.assertRecordValues(line, [{"amount": 100, "rate": 2.7344, "provision": 2.73, "source": "company"}])

    def test_without_any_history(self):
        matrix = self._matrix()
        self.assertEqual(set(matrix.line_ids.mapped("source")), {"none", "credit"})
        self.assertEqual((matrix.amount, matrix.provision), (500, 0))
        self.assertIn("There is no history", matrix.warning)

    def test_from_a_cohort(self):
        """Of 2,000 sold in January and February 1,800 were paid 5 to 29 days late and 200 never: 10 % of what is not due or up to 30 days late
        is lost, and all of what is later. 500 × 10 % + 1,000 × 10 % + 100 + 700."""
        self._bill(date(2025, 1, 3), date(2025, 1, 31), 200, self.south)
        self._bill(date(2025, 6, 10), date(2025, 6, 20), 1000)
        self._bill(date(2025, 6, 10), date(2025, 7, 30), 500)
        matrix = self._matrix(date(2025, 6, 30), method="cohort", cohort_from=date(2025, 1, 1), cohort_to=FEB)
        self.assertRecordValues(matrix.line_ids.sorted("place"), [
            {"bucket": "not_due", "amount": 500, "rate": 10, "provision": 50},
            {"bucket": "b30", "amount": 1000, "rate": 10, "provision": 100},
            {"bucket": "b90", "amount": 100, "rate": 100, "provision": 100},
            {"bucket": "over", "amount": 700, "rate": 100, "provision": 700},
            {"bucket": "credit", "amount": -100, "rate": 0, "provision": 0},
        ])
        self.assertEqual((matrix.amount, matrix.provision, matrix.warning), (2200, 950, False))

    def _cohort(self, day, last=FEB):
        return self.env["collection.reader"]._read_cohort(self.company, date(2025, 1, 1), last, day)[False]

    def test_a_cohort_as_of_a_day(self):
        """On 5 March 600 of the first invoice had come; nobody knows yet about the rest, 24 days late, nor about the second."""
        self.assertEqual(self._cohort(date(2025, 3, 5)), (600, (0, 600, 0, 0), 0))
        self.assertEqual(self._cohort(date(2025, 6, 30)), (1800, (0, 1800, 0, 0), 0))

    def test_what_is_no_loss_of_a_cohort(self):
        """March: 500 + 300 sold. 120 of the 500 credited, 200 of the 300 paid in time, 50 of it after 90 days; 50 of it and 380 never."""
        refund = self._bill(date(2025, 4, 1), date(2025, 4, 1), 120, move_type="out_refund")
        (self._item(self.third) | self._item(refund)).reconcile()
        self._receive(self.fourth, date(2025, 7, 20), 50)
        found = self.env["collection.reader"]._read_cohort(self.company, date(2025, 3, 1), MAR, date(2025, 12, 31))[False]
        self.assertEqual(found, (680, (200, 0, 0, 0), 50))

    # ------------------------------------------------------------------ by hand, kept, printed

    def test_a_rate_entered_by_hand(self):
        matrix = self._matrix()
        line = self._line(matrix, "not_due")
        line.write({"rate": 2.5})
        self.assertRecordValues(line, [{"provision": 15, "source": "hand"}])  # of 600
        with self.assertRaises(AccessError):
            line.write({"amount": 1})

    def test_of_another_day_it_is_worked_out_anew(self):
        """500 are open at the end of March; those are not the figures of February, when 1,100 were."""
        for change in ({"day": FEB}, {"method": "cohort"}, {"months": 3}, {"cohort_from": date(2020, 1, 1)}):
            matrix = self._matrix()
            matrix.write({"day": MAR, "method": "rolls"})
            self.assertEqual(matrix.amount, 500, "nothing changed")
            matrix.write(change)
            self.assertRecordValues(matrix, [{"line_ids": [], "computed_on": False, "amount": 0}])
            with self.assertRaisesRegex(UserError, "work it out first"):
                matrix.action_keep()
        matrix.write({"day": FEB})
        matrix.action_compute()
        self.assertEqual(matrix.amount, 1100)

    def test_the_classes_have_the_same_names_everywhere(self):
        labels = {"not_due": "Not due", "b30": "1–30 days late", "b60": "31–60 days late", "b90": "61–90 days late", "over": "Over 90 days late",
                  "credit": "Unapplied credits"}
        for model, name in (("collection.ageing", "bucket"), ("collection.ageing", "plan_bucket"), ("collection.provision.line", "bucket")):
            self.assertEqual(dict(self.env[model].fields_get([name])[name]["selection"]), labels)
        self.assertEqual({name: field["string"] for name, field in self.Snapshot.fields_get(list(labels), ["string"]).items()}, labels)

    def test_kept_it_stays(self):
        matrix = self._matrix()
        matrix.action_keep()
        self.assertEqual(matrix.state, "kept")
        for change in (matrix.action_compute, matrix.unlink, lambda: matrix.write({"day": FEB}), lambda: matrix.line_ids[0].write({"rate": 1})):
            with self.assertRaises(UserError):
                change()

    def test_nothing_is_kept_before_it_is_worked_out(self):
        with self.assertRaisesRegex(UserError, "work it out first"):
            self.env["collection.provision"].create({"company_id": self.company.id, "day": MAR}).action_keep()

    def test_a_state_is_not_set_by_hand(self):
        with self.assertRaises(AccessError):
            self.env["collection.provision"].create({"company_id": self.company.id, "day": MAR, "state": "kept"})
        with self.assertRaises(AccessError):
            self.env["collection.provision"].with_context(default_state="kept").create({"company_id": self.company.id, "day": MAR})
        with self.assertRaises(AccessError):
            self._matrix().write({"state": "kept"})

    def _person(self, *groups):
        return new_test_user(self.env(su=True), login=f"provision {len(groups)}", company_id=self.company.id, company_ids=self.company.ids,
                             groups=",".join(f"account_credit_collection.{group}" for group in groups))

    def test_who_may(self):
        matrix = self._matrix()
        with self.assertRaises(AccessError):
            matrix.with_user(self._person("group_collector")).action_compute()
        own = self._person("group_manager", "group_own_portfolio")
        self.assertFalse(self.env["collection.provision"].with_user(own).search([]))
        self.assertFalse(self.env["collection.provision.line"].with_user(own).search([]))

    def test_a_line_opens_its_items(self):
        matrix = self._matrix()
        for line in matrix.line_ids:
            action = line.action_open_items()
            rows = self.env[action["res_model"]].with_context(**action["context"]).search(action["domain"])
            self.assertEqual(sum(rows.mapped("amount")), line.amount)

    def test_printed(self):
        matrix = self._matrix()
        html = self.env["ir.actions.report"]._render_qweb_html("account_credit_collection.collection_provision_document", matrix.ids)[0].decode()
        self.assertIn("Provision as of", html)
        self.assertIn("600.00", html)
