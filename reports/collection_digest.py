"""The digest of a month: the figures by segment and what changed, in a mail and on paper."""
from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools.image import image_data_uri
from odoo.tools.misc import formatLang

from ..models.collection_reason import describe
from .collection_letter import MODULE

DIGEST = f"{MODULE}.report_collection_digest"
MONEY = ("opening", "billed", "collected", "written_off", "closing", "overdue")
FIGURES = ("dso", "dso_best", "effectiveness", "on_time_share", "kept_share", "cost_share")
TEXTS = ("mail_name", "mail_month", "mail_company", "mail_sentence", "mail_table")
CELL = Markup('<td style="padding:4px 12px 4px 0;text-align:%s">%s</td>')


class CollectionDigest(models.Model):
    """The words and figures of a digest; asked of the reader's own view (``_reader``), they show what the reader may see."""

    _inherit = "collection.digest"

    mail_name = fields.Char(compute="_compute_mail_texts")
    mail_month = fields.Char(compute="_compute_mail_texts")
    mail_company = fields.Char(compute="_compute_mail_texts")
    mail_sentence = fields.Char(compute="_compute_mail_texts")
    mail_table = fields.Html(compute="_compute_mail_texts", sanitize=False)

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (*super().mail_allowed_qweb_expressions(), *(f"object.{name}" for name in TEXTS))

    @api.depends("company_id", "month", "user_id")
    @api.depends_context("lang")
    def _compute_mail_texts(self):
        for digest in self:
            reader = digest._reader()
            digest.update({"mail_name": digest.user_id.name, "mail_month": reader._month_text(), "mail_company": digest.company_id.name,
                           "mail_sentence": reader._sentence(), "mail_table": reader._mail_table()})

    # ------------------------------------------------------------------ figures

    def _domain(self, month):
        return [("company_id", "=", self.company_id.id), ("month", "=", month)]

    def _rows(self):
        """Name and figures of each segment, the largest first, then of all: ``[(name, {field: value})]``; nothing without customers."""
        Snapshot, names = self.env["collection.snapshot"], (*MONEY, *FIGURES)
        rows = Snapshot._read_group(self._domain(self.month), ["segment_id"], [self._spec(name) for name in names], order="closing:sum desc")
        if not rows:
            return []
        found = [(segment.display_name or self.env._("Without a segment"), dict(zip(names, values))) for segment, *values in rows]
        return [*found, (self.env._("All customers"), self._total(self.month))]

    def _total(self, month):
        names = (*MONEY, *FIGURES)
        values = self.env["collection.snapshot"]._read_group(self._domain(month), [], [self._spec(name) for name in names])[0]
        return dict(zip(names, values))

    def _spec(self, name):
        return f"{name}:{'sum' if name in MONEY else 'avg'}"

    def _sentence(self):
        """What changed since the month before, in one sentence; a month that was never built is no month without overdue."""
        now, last = self._total(self.month)["overdue"] or 0.0, self.month.replace(day=1) - relativedelta(days=1)
        currency = self.company_id.currency_id
        # sudo: whether the month was built at all; its reader may have had no customer then
        if not self.env["collection.snapshot"].sudo().search_count(self._domain(last), limit=1):
            return describe(self.env, "digest_first", {"now": currency.format(now)})
        return self.env["collection.overview"]._change_text(currency, last, self._total(last)["overdue"] or 0.0, now)

    def _title(self):
        return self.env._("Collections in %s", self._month_text())

    # ------------------------------------------------------------------ how it looks

    def _label(self, name):
        return self.env["collection.snapshot"]._fields[name]._description_string(self.env)

    def _legend(self, names):
        """What each column means: ``[(label, formula in words)]``."""
        found = self.env["collection.snapshot"]._fields
        return [(self._label(name), found[name]._description_help(self.env)) for name in names]

    def _show(self, name, value):
        if name in MONEY:
            return self.company_id.currency_id.format(value or 0.0)
        return "–" if value is None or value is False else formatLang(self.env, value, digits=1)

    def _mail_table(self):
        """The figures that a manager looks at first; the rest stands in the PDF."""
        names = ("collected", "closing", "overdue", "dso", "effectiveness")
        head = Markup("").join(Markup('<th style="padding:4px 12px 4px 0;text-align:%s;border-bottom:2px solid #333333">%s</th>') % (
            "left" if not name else "right", name and self._label(name) or self.env._("Segment")) for name in ("", *names))
        rows = Markup("").join(Markup("<tr>%s%s</tr>") % (
            CELL % ("left", title), Markup("").join(CELL % ("right", self._show(name, figures[name])) for name in names)) for title, figures in self._rows())
        return Markup('<table style="border-collapse:collapse;font-size:13px"><thead><tr>%s</tr></thead><tbody>%s</tbody></table>') % (head, rows)

    def _file_name(self):
        return f"{self._reader().display_name}.pdf".replace("/", "-")

    def _prepare_digest(self):
        return {"money": MONEY, "figures": FIGURES, "rows": self._rows(), "sentence": self._sentence(), "title": self._title(), "label": self._label,
                "legend": self._legend(("closing", "overdue", *FIGURES)), "show": self._show, "lang": self.env.lang}


class ReportCollectionDigest(models.AbstractModel):
    _name = f"report.{DIGEST}"
    _description = "Monthly digest"

    @api.model
    def _get_report_values(self, docids, data=None):
        """Each digest as its reader may see it, whoever prints it."""
        digests = self.env["collection.digest"].browse(docids)
        digests.check_access("read")  # a report may be asked for by its address
        sheets, logos = {}, {}
        for digest in digests.sudo():
            sheets[digest.id] = {**digest._reader()._prepare_digest(), "o": digest}
            company = digest.company_id
            if company.partner_id.image_512 and not company.uses_default_logo:
                logos[company.id] = image_data_uri(company.partner_id.image_512)
        return {"doc_ids": docids, "doc_model": "collection.digest", "docs": digests, "sheets": sheets, "logos": logos}


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _is_lean(self):
        return self.report_name == DIGEST or super()._is_lean()
