from . import collection_agreement, collection_charge_proof, collection_letter, credit_contract
