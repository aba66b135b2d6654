from odoo import api, models
from odoo.tools import SQL

from ..engine.stop import RELAYED


class CollectionReader(models.AbstractModel):
    """Whom nobody may be written to, at planning as well as at the door: such a customer has no usable address."""

    _inherit = "collection.reader"

    @api.model
    def _to_stop(self, profile, policy, who):
        """A stop of contacts comes before all other reasons; a lawyer gets what the customer may not."""
        code = None if profile._contact_relay() else profile._contact_stop()
        return code or super()._to_stop(profile, policy, who)

    @api.model
    def _read_stops(self, partner_ids):
        """Customers that are left alone: ``{partner id: (kind, partner id of who stands for it)}``."""
        self.env["credit.profile"].flush_model(["partner_id", "stop_kind", "stop_contact_id"])
        return {partner: (kind, contact) for partner, kind, contact in self.env.execute_query(SQL(
            """SELECT partner_id, stop_kind, stop_contact_id FROM credit_profile WHERE partner_id IN %s AND stop_kind IS NOT NULL ORDER BY id""",
            tuple(partner_ids) or (0,)))}

    @api.model
    def _read_recipients(self, partner_ids):
        """Without customers that are left alone; what a lawyer may get goes to the lawyer."""
        found = super()._read_recipients(partner_ids)
        stops = self._read_stops(partner_ids)
        verdicts = {pid: self.env["credit.profile"]._decide_stop(kind, bool(contact)) for pid, (kind, contact) in stops.items()}
        relays = self._read_addressees({stops[pid][1] for pid, verdict in verdicts.items() if verdict.relayed})
        for pid, verdict in verdicts.items():
            usable = relays.get(stops[pid][1], {}) if verdict.relayed else {}
            found[pid] = found[pid]._replace(usable=usable)
        return found

    @api.model
    def _read_addressees(self, partner_ids):
        """The usable addresses of some people themselves, such as lawyers: ``{partner id: {channel: Recipient}}``."""
        if not partner_ids:
            return {}
        languages = {code for code, _name in self.env["res.lang"].get_installed()}
        rows = self._read_people(SQL("p.id IN %s AND p.active", tuple(partner_ids)))
        return {row["id"]: {channel: who for channel, who in self._to_recipients(row["id"], [row], languages).usable.items() if channel in RELAYED}
                for row in rows}
