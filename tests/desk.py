from datetime import timedelta

from .common import CollectionCommon


class DeskCommon(CollectionCommon):
    """A collector with a list to work on, and the verbs of the desk: rank, look, call."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["collection.worklist.rule"].search([]).active = False
        cls.desk = cls.env["collection.desk"].with_company(cls.company)
        cls.collector = cls.env["res.users"].with_context(no_reset_password=True).create({
            "name": "Carla Collector", "login": "carla.desk.test", "company_id": cls.company.id, "company_ids": [(6, 0, cls.company.ids)],
            "group_ids": [(6, 0, [cls.env.ref("account_credit_collection.group_collector").id])]})

    @classmethod
    def _rule(cls, kind, points=10, **values):
        return cls.env["collection.worklist.rule"].create({"name": kind, "kind": kind, "points": points, **values})

    def _rank(self, partners=None, on=None):
        """Rank customers as the nightly job does; returns their profiles."""
        profiles = self._profile(partners or self.customer)
        profiles.sudo()._refresh(self.company, on or self.today)
        return profiles

    def _list(self, scope="all", user=None):
        return self.desk.with_user(user or self.env.user).load_worklist(scope)

    def _names(self, scope="all", user=None):
        return [row["name"] for row in self._list(scope, user)["rows"] if row["state"] == "todo"]

    def _look(self, partner=None):
        return self.desk.load_customer(self._profile(partner).id)

    def _call(self, outcome, partner=None, user=None, **values):
        """Save the outcome of a call; returns the record."""
        saved = self.desk.with_user(user or self.env.user).save_outcome(self._profile(partner).id, outcome, values)
        return self.env["collection.call"].browse(saved["call_id"])

    def _in_days(self, days):
        return self.today + timedelta(days=days)


class DeskMorning(DeskCommon):
    """One customer on the list, with an invoice of 1,000 that is 20 days late."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._rule("days_late", 100, days=1)

    def setUp(self):
        super().setUp()
        self.invoice = self._invoice(20, 1000)
        self.item = self._item(self.invoice)
        self.profile = self._rank()
