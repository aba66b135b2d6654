from . import items_dialog  # isort: skip, the dialogs below inherit from it
from . import (
    account_move_reversal,
    collection_charge_waive_wizard,
    collection_dispute_wizard,
    collection_opening_wizard,
    collection_plan_wizard,
    collection_plan_wizard_end,
    collection_promise_wizard,
    collection_run_wizard,
    collection_settlement_wizard,
    credit_decision_wizard,
    credit_limit_import_wizard,
    credit_limit_wizard,
    credit_pause_wizard,
    credit_release_wizard,
    partner_merge,
    payment_term_wizard,
)
