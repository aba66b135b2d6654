from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _collection_colleagues(self):
        """The users whose customers are one team's: the members of this user's sales teams, a team of collectors being one."""
        # sudo: a collector need not see teams, only with whom a worklist is shared
        teams = self.env["crm.team.member"].sudo().search([("user_id", "in", self.ids)]).crm_team_id
        return self | self.browse(teams.member_ids.ids)
