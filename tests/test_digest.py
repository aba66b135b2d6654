from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import CollectionCommon

MARCH, FEBRUARY = date(2026, 3, 31), date(2026, 2, 28)


@tagged("post_install", "-at_install")
class TestDigest(CollectionCommon):
    """The figures of a month by mail: once to each reader, what each may see, in the reader's language."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann = cls._reader("Ann")
        cls.company.write({"collection_digest_user_ids": [Command.set(cls.ann.ids)], "collection_digest_day": 3, "collection_snapshot_last": MARCH})
        cls.segment = cls.env["credit.segment"].create({"name": "Test wholesalers", "company_id": cls.company.id})

    @classmethod
    def _reader(cls, name, *groups, **values):
        return cls.env["res.users"].with_context(no_reset_password=True).create({
            "name": name, "login": f"{name}.digest.test", "email": f"{name.lower()}@seller.example", "company_id": cls.company.id,
            "company_ids": [Command.set(cls.company.ids)],
            "group_ids": [Command.set([cls.env.ref(f"account_credit_collection.{group}").id for group in groups or ("group_viewer",)])], **values})

    def _month(self, month, partner=None, segment=None, **figures):
        """A customer's month, as the nightly job would have built it."""
        return self.env["collection.snapshot"].sudo().create({
            "month": month, "company_id": self.company.id, "currency_id": self.company.currency_id.id, "profile_id": self._profile(partner).id,
            "segment_id": segment and segment.id, **figures})

    def _night(self, today=date(2026, 4, 3)):
        """The job as of a day; returns the mails it queued."""
        before = self.env["mail.mail"].search([])
        with patch.object(type(self.env["res.company"]), "_collection_today", lambda _self: today), \
                patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *_args, **_kwargs: 1000.0), \
                patch.object(type(self.env["ir.actions.report"]), "_render_qweb_pdf", lambda *_args, **_kwargs: (b"%PDF-1.4 digest", "pdf")):
            self.env["collection.digest"].sudo()._cron_send()
        return self.env["mail.mail"].search([]) - before

    def _figures(self):
        self._month(FEBRUARY, overdue=500.0, closing=900.0)
        self._month(MARCH, segment=self.segment, opening=900.0, billed=310.0, collected=210.0, closing=1000.0, overdue=400.0, not_due=600.0)
        self._month(MARCH, self._customer("Contoso"), opening=50.0, collected=50.0)

    def test_one_mail_to_each_reader_with_the_paper_and_no_second_one(self):
        self._figures()
        mail = self._night()
        self.assertEqual((mail.email_to, mail.state, mail.attachment_ids.name), ("ann@seller.example", "outgoing", f"{self.company.name}, March 2026.pdf"))
        self.assertEqual(mail.subject, f"Collections in March 2026: {self.company.name}")
        self.assertFalse(self._night(date(2026, 4, 4)))

    def test_it_says_in_one_sentence_what_changed(self):
        self._figures()
        money = self.company.currency_id.format
        self.assertIn(f"Overdue fell by {money(100)} since 02/28/2026, to {money(400)}.", self._night().body_html)

    def test_the_first_digest_compares_with_nothing(self):
        self._month(MARCH, overdue=570.0)
        text = self._night().body_html
        self.assertIn(f"{self.company.currency_id.format(570)} is overdue. There are no figures of the month before to compare with.", text)
        self.assertNotIn("rose", text)

    def test_who_had_no_customer_in_a_built_month_is_compared_with_nothing_overdue(self):
        collector = self._reader("Bob", "group_collector", "group_own_portfolio")
        self.company.collection_digest_user_ids = collector
        self._month(FEBRUARY, overdue=500.0)
        mine = self._customer("Contoso")
        self._month(MARCH, mine, overdue=70.0)
        self._profile(mine).collector_id = collector
        money = self.company.currency_id.format
        self.assertIn(f"Overdue rose by {money(70)} since 02/28/2026, to {money(70)}.", self._night().body_html)

    def test_who_has_no_address_is_told_of(self):
        self._figures()
        self.ann.email = False
        settings = self.env["res.config.settings"].with_company(self.company).create({})
        self.assertEqual(settings.collection_digest_unreached, "No digest without an e-mail address: Ann")
        self.assertFalse(self._night())
        beat = self.env["collection.heartbeat"].sudo().search([("job", "=", "digest")])
        self.assertEqual(beat.last_error, f"company {self.company.id}, user {self.ann.id}: no e-mail address")
        self.ann.email = "ann@seller.example"
        self.assertFalse(self.env["res.config.settings"].with_company(self.company).create({}).collection_digest_unreached)
        self.assertEqual(len(self._night()), 1)
        self.assertFalse(self.env["collection.heartbeat"].sudo().search([("job", "=", "digest")]).last_error)

    def test_the_figures_by_segment_and_of_all(self):
        self._figures()
        self._night()
        digest = self.env["collection.digest"].sudo().search([("user_id", "=", self.ann.id)])
        rows = digest._reader()._rows()
        self.assertEqual([(name, row["opening"], row["collected"], row["closing"], row["overdue"]) for name, row in rows], [
            ("Test wholesalers", 900.0, 210.0, 1000.0, 400.0), ("Without a segment", 50.0, 50.0, 0.0, 0.0), ("All customers", 950.0, 260.0, 1000.0, 400.0)])
        self.assertEqual([round(row["dso"], 2) if row["dso"] else None for _name, row in rows], [100.0, None, 100.0])  # 1000 / 310 × 31

    def test_nobody_gets_it_before_its_day_or_before_the_month_is_built(self):
        self._figures()
        self.assertFalse(self._night(date(2026, 4, 2)))
        self.company.collection_snapshot_last = FEBRUARY
        self.assertFalse(self._night())
        self.company.collection_snapshot_last = MARCH
        self.assertEqual(len(self._night(date(2026, 4, 20))), 1)  # the job was off: late is better than never

    def test_at_midnight_it_is_of_the_day_on_which_the_job_asked(self):
        """Asked on 31 March it is about February; the clock strikes twelve before the digest is made."""
        self._figures()
        self.company.collection_snapshot_last = MARCH
        days = iter([date(2026, 3, 31)])
        with patch.object(type(self.env["res.company"]), "_collection_today", lambda _self: next(days, date(2026, 4, 1))), \
                patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *_args, **_kwargs: 1000.0), \
                patch.object(type(self.env["collection.channel"]), "_queue_digest", lambda *_args: None):
            self.env["collection.digest"].sudo()._cron_send()
        self.assertEqual(self.env["collection.digest"].sudo().search([("user_id", "=", self.ann.id)]).month, FEBRUARY)

    def test_who_lost_the_right_or_the_company_gets_nothing(self):
        self._figures()
        self.ann.group_ids = self.env.ref("base.group_user")
        self.assertFalse(self._night())
        self.ann.group_ids = self.env.ref("account_credit_collection.group_viewer")
        other = self.setup_other_company(name="Third Ltd")["company"]
        self.ann.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.assertFalse(self._night())

    def test_each_reads_what_they_may_see(self):
        self._figures()
        collector = self._reader("Bob", "group_collector", "group_own_portfolio")
        self.company.collection_digest_user_ids += collector
        self._profile(self.env["res.partner"].search([("name", "=", "Contoso")])).collector_id = collector
        self._night()
        digest = self.env["collection.digest"].sudo().search([("user_id", "=", collector.id)])
        self.assertEqual([(name, row["collected"]) for name, row in digest._reader()._rows()], [("Without a segment", 50.0), ("All customers", 50.0)])
        with self.assertRaises(AccessError):
            self.env["report.account_credit_collection.report_collection_digest"].with_user(collector)._get_report_values(
                self.env["collection.digest"].sudo().search([("user_id", "=", self.ann.id)]).ids)

    def test_it_is_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.ann.lang = "fr_FR"
        self._figures()
        self.assertIn("mars 2026", self._night().subject)

    def test_what_fails_for_one_reader_stops_no_other(self):
        self._figures()
        bob = self._reader("Bob")
        self.company.collection_digest_user_ids += bob
        Channel = type(self.env["collection.channel"])
        queue = Channel._queue_digest

        def poisoned(channel, digest):
            if digest.user_id == self.ann:
                raise ValueError("boom")
            queue(channel, digest)

        with patch.object(Channel, "_queue_digest", poisoned), self.assertLogs("odoo.addons.account_credit_collection.models.collection_digest", "ERROR"):
            self.assertEqual(self._night().email_to, "bob@seller.example")
        self.assertIn(f"user {self.ann.id}", self.env["collection.heartbeat"].sudo().search([("job", "=", "digest")]).last_error)
        self.assertEqual(self._night().email_to, "ann@seller.example")

    def test_the_paper_has_the_figures_and_what_they_mean(self):
        self._figures()
        self._night()
        digest = self.env["collection.digest"].sudo().search([("user_id", "=", self.ann.id)])
        html, _kind = self.env["ir.actions.report"].sudo()._render_qweb_html("account_credit_collection.report_collection_digest", digest.ids)
        self.assertIn("<h1>Collections in March 2026</h1>", html.decode())
        with patch.object(type(digest), "_title", lambda _self: "March’s collections"):  # a whole sentence, whatever its order
            other, _kind = self.env["ir.actions.report"].sudo()._render_qweb_html("account_credit_collection.report_collection_digest", digest.ids)
        self.assertIn("<h1>March’s collections</h1>", other.decode())
        for text in ("Test wholesalers", "All customers", self.env["collection.snapshot"]._fields["dso"].help):
            self.assertIn(text, html.decode())
