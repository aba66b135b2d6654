import re
import socket
import uuid
from collections import defaultdict

import requests

from odoo import api, models
from odoo.tools import ormcache
from odoo.tools.mail import generate_tracking_message_id

from ..exceptions import DeliveryError
from .collection_smtp import chain, root_cause

SMS_NAMESPACE = uuid.UUID("6f0f3f6e-5d0a-4f0b-9d55-0a4c3d4c8a11")
SMS_ADDRESS_ERRORS = {"sms_number_missing", "sms_number_format", "sms_country_not_supported", "sms_blacklist", "sms_optout"}
SMS_ACCOUNT_ERRORS = {"sms_credit", "sms_acc", "sms_registration_needed"}
NEVER_CONNECTED = (requests.exceptions.ConnectTimeout, requests.exceptions.ConnectionError, ConnectionRefusedError, socket.gaierror)


class CollectionChannel(models.AbstractModel):
    """From a checked contact to the world: the only place that mails, texts, prints or sets a task."""

    _name = "collection.channel"
    _description = "Channel of follow-up contacts"

    # ------------------------------------------------------------------ words

    @api.model
    def _prepare_messages(self, actions):
        """Render the texts of ``actions``: ``({action: values}, {action: (code, detail)})``.

        One rendering per template and language; a broken text concerns only its own actions.
        """
        ready, broken = {}, {}
        for (channel, message), group in self._by_message(actions).items():
            if channel == "call":
                ready.update({action: {} for action in group})
                continue
            template = message.sms_template_id if channel == "sms" else message.template_id
            if not template:
                broken.update({action: ("no_template", {"level": action.level_id.name, "channel": channel}) for action in group})
                continue
            try:
                with self.env.cr.savepoint():
                    texts = self._render(template, group, channel)
            except Exception as error:  # whatever a person wrote into a template
                if len(group) > 1:  # perhaps the fault of one action only
                    for action in group:
                        good, bad = self._prepare_messages(action)
                        ready.update(good)
                        broken.update(bad)
                    continue
                detail = {"template": template.display_name, "error": root_cause(error)}
                broken.update(dict.fromkeys(group, ("template_error", detail)))
                continue
            ready.update({action: texts[action.id] for action in group})
        return ready, broken

    @api.model
    def _by_message(self, actions):
        groups = defaultdict(actions.browse)
        found = {}
        for action in actions:
            key = (action.level_id, action.channel, action.behaviour)
            if key not in found:
                found[key] = action.level_id._message_for(action.channel, action.behaviour)
            groups[action.channel, found[key]] |= action
        return groups

    @api.model
    def _render(self, template, actions, channel):
        """Subject and body of each action: ``{id: values}``."""
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        langs = {action.id: action.lang if action.lang in installed else action._reader_lang() for action in actions}
        if channel == "sms":
            bodies = template._render_field("body", actions.ids, res_ids_lang=langs)
            # A non-breaking space would make the SMS twice as dear.
            return {key: {"subject": False, "body": re.sub(r"\s+", " ", body)} for key, body in bodies.items()}
        subjects = template._render_field("subject", actions.ids, res_ids_lang=langs)
        bodies = template._render_field("body_html", actions.ids, res_ids_lang=langs, options={"post_process": True})
        return {key: {"subject": " ".join(subjects[key].split()), "body": bodies[key]} for key in bodies}

    @api.model
    @ormcache("account_id", "currency_id")
    def _qr_method(self, account_id, currency_id):
        """The bank QR standard for an account and a currency, or None; asked of core once."""
        account = self.env["res.partner.bank"].sudo().browse(account_id)
        vals = account._build_qr_code_vals(
            1.0, "", "", self.env["res.currency"].browse(currency_id), account.partner_id, silent_errors=True)
        return vals["qr_method"] if vals else None

    @api.model
    def _prepare_identity(self, action):
        """Ids fixed before anything leaves, so that a resend is recognised (R-08, R-13)."""
        if action.channel == "email" and not action.message_id:
            return {"message_id": generate_tracking_message_id(f"collection-{action.id}")}
        if action.channel == "sms" and not action.sms_uuid:
            return {"sms_uuid": uuid.uuid5(SMS_NAMESPACE, f"{self.env.cr.dbname}|{action.dedupe_key}|{action.id}").hex}
        return {}

    # ------------------------------------------------------------------ SMS

    @api.model
    def _perform_sms(self, action, sessions):
        """One SMS, one request to the provider, in its own transaction (R-13)."""
        sms = self.env["sms.sms"].sudo().create({
            "number": action.recipient, "body": action.body, "partner_id": action.recipient_id.id, "uuid": action.sms_uuid})
        try:
            sms.with_company(action.company_id)._send(unlink_failed=False, unlink_sent=False, raise_exception=True)
        except Exception as error:
            away = any(isinstance(cause, NEVER_CONNECTED) for cause in chain(error))
            raise DeliveryError("down" if away else "unknown", root_cause(error),
                                "delivery_error" if away else "unknown_outcome") from error
        if sms.state == "error":
            refused = sms.failure_type in SMS_ADDRESS_ERRORS
            raise DeliveryError("failed" if refused else "down" if sms.failure_type in SMS_ACCOUNT_ERRORS else "retry",
                                sms.failure_type or "", "bad_address" if refused else "delivery_error")
        self.env["sms.tracker"].sudo().create({"sms_uuid": action.sms_uuid})  # delivery reports find it by this
        action.message_id = self._note(action, action.body).message_id  # by which the note goes with the words, see retention

    @api.model
    def _note(self, action, body):
        """Leave a trace in the customer's chatter."""
        return action.partner_id.sudo()._message_log(
            body=body, author_id=(action.collector_id.partner_id or action.company_id.partner_id).id)
