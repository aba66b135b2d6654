from . import collection_opening_wizard, collection_run_wizard, credit_pause_wizard, partner_merge
