from odoo import models
from odoo.fields import Domain

KEPT = ("credit.profile", "credit.hold", "credit.application", "collection.dispute", "collection.charge.run", "collection.bureau.file",
        "collection.self.check")


class ResUsers(models.Model):
    """Who leaves, or leaves a company, leaves no work behind that nobody sees (R-59).

    Customers go to the company's default collector, tasks to who looks after the customer. What a segment gives is the
    night's to change.
    """

    _inherit = "res.users"

    def action_archive(self):
        """Core deletes all tasks of who is archived: ours are handed on before."""
        self.check_access("write")
        for user in self.filtered("active"):
            user._hand_on(user.company_ids)
        return super().action_archive()

    def write(self, vals):
        before = {user: user.company_ids for user in self} if "company_ids" in vals else {}
        leaving = self.filtered("active") if "active" in vals and not vals["active"] else self.browse()
        result = super().write(vals)
        for user in leaving:
            user._hand_on(user.company_ids)
        for user, companies in before.items():
            user._hand_on(companies.sudo().root_id - user.sudo().company_ids.root_id)  # sudo: as below; what stands in a branch is the company's
        return result

    def _hand_on(self, companies):
        """Give the customers and tasks of this user in some companies to others."""
        user = self.sudo()  # sudo: who administers users need not know what they collect
        for company in companies.sudo().root_id:  # sudo: as above
            user._hand_on_customers(company)
            user._hand_on_tasks(company)

    def _hand_on_customers(self, company):
        default = company.collection_user_id
        able = default.active and default != self and company in default.company_ids
        profiles = self.env["credit.profile"].with_context(active_test=False).search(
            [("company_id", "=", company.id), ("collector_id", "=", self.id), ("collector_by_segment", "!=", True)])
        profiles.write({"collector_id": default.id if able else False})

    def _hand_on_tasks(self, company):
        """One write for each one who gets some; the list of tasks tells them, not a mail for each."""
        heirs = {}
        for activity in self.env["mail.activity"].search(self._domain_tasks()):
            record = self.env[activity.res_model].browse(activity.res_id).exists()
            if record and record.company_id.root_id == company:
                heir = self._heir(record, company)
                heirs[heir] = heirs.get(heir, activity.browse()) | activity
        for heir, activities in heirs.items():
            activities.with_context(mail_activity_quick_update=True).user_id = heir

    def _heir(self, record, company):
        """Who gets a task about ``record``; what a self-check found is for those who may read it."""
        if record._name == "collection.self.check":
            return company._responsible(*(record._managers() - self), self.env.ref("base.user_admin"), without=self)
        profile = record if record._name == "credit.profile" else record["profile_id"] if "profile_id" in record._fields else None
        return (profile or company)._responsible(without=self)

    def _domain_tasks(self):
        """Open tasks on what is ours."""
        return Domain("user_id", "=", self.id) & Domain("res_model", "in", KEPT)


class ResCompany(models.Model):
    _inherit = "res.company"

    def _responsible(self, *wanted, without=None):
        """Who gets a task: the first of ``wanted`` who works here, else the administrator, else a credit manager."""
        self.ensure_one()
        for user in wanted or (self.collection_user_id,):
            if user and user != without and user.active and self in user.company_ids:
                return user
        xmlid = self.env["ir.model.data"]._xmlid_to_res_id  # not env.ref, which asks the database each time whether the record still exists
        admin = self.env["res.users"].browse(xmlid("base.user_admin"))
        return admin if admin != without and admin.active else self._any_manager(xmlid("account_credit_collection.group_manager"), without) or admin

    def _any_manager(self, group, without):
        # sudo: who may collect is no secret
        return self.env["res.users"].sudo().search(
            [("all_group_ids", "in", group), ("company_ids", "in", self.ids), ("share", "=", False), ("id", "!=", without.id if without else 0)],
            order="id", limit=1)
