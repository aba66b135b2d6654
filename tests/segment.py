from datetime import timedelta

from .common import CollectionCommon


class SegmentCommon(CollectionCommon):
    """Customers that are sorted as of a day, into segments made for the test only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["credit.segment"].search([("company_id", "=", cls.company.id)]).action_archive()
        cls.Segment = cls.env["credit.segment"]

    @classmethod
    def _segment(cls, name, sequence=10, draft=False, **values):
        return cls.env["credit.segment"].create({"name": name, "company_id": cls.company.id, "sequence": sequence, "is_draft": draft, **values})

    def _sort(self, days=0):
        """The night ``days`` from today; return how many customers moved."""
        return self.env["credit.profile"].sudo()._sort_customers(self.company, self.today + timedelta(days=days))

    def _settle_definitions(self):
        """As after a first night: nothing is newly defined any more."""
        self._sort()

    def _figures(self, profile, **values):
        """Figures as the nightly refresh would leave them."""
        profile.sudo()._write_snapshot([values] * len(profile))
