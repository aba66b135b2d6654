from . import collection_letter, credit_contract
