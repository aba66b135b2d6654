from . import collection_report_mixin  # isort: skip, the reports below inherit from it
from . import (
    collection_ageing,
    collection_agreement,
    collection_charge_proof,
    collection_digest,
    collection_export,
    collection_letter,
    collection_movement,
    collection_productivity,
    collection_statement,
    collection_statement_paper,
    collection_statement_xlsx,
    credit_contract,
)
