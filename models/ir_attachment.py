import os
import time
from contextlib import suppress

from odoo import api, models
from odoo.exceptions import UserError

WRITING = 60  # seconds in which a file is written; until then what is cut off may be another worker's, half way


class IrAttachment(models.Model):
    """Files that a full disk or a killed process cut off: never taken for whole, and never in the way of the next try (R-15).

    The name of a stored file is the hash of its content: one that holds something else is nobody's file.
    """

    _inherit = "ir.attachment"

    def _is_whole(self):
        """Whether the file can be read and is the one that was stored; core reads a file that is gone as an empty one."""
        self.ensure_one()
        raw = self.raw
        return bool(raw) and self._compute_checksum(raw) == self.checksum

    @api.model
    def _get_path(self, bin_data, sha):
        """As before; what is left of a file that was cut off while it was written is no collision."""
        try:
            return super()._get_path(bin_data, sha)
        except UserError:
            if not self._drop_cut_off(sha):
                raise
            return super()._get_path(bin_data, sha)

    @api.model
    def _file_write(self, bin_value, checksum):
        """As before; nothing stays of a file for which there was no room."""
        try:
            return super()._file_write(bin_value, checksum)
        except OSError:
            self._drop_cut_off(checksum, mine=True)
            raise

    @api.model
    def _drop_cut_off(self, checksum, mine=False):
        """Remove a stored file whose content is not what its name says, unless somebody else may be writing it just now; whether it did."""
        path = self._full_path(f"{checksum[:2]}/{checksum}")
        with suppress(OSError):
            with open(path, "rb") as file:
                whole = self._compute_checksum(file.read()) == checksum
            if not whole and (mine or time.time() - os.path.getmtime(path) > WRITING):
                os.unlink(path)
                return True
        return False
