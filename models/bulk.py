"""Many rows at once: a run records thousands of contacts, and the ORM's work on each row would be most of its time."""
from odoo.tools import SQL


def insert_rows(model, vals_list):
    """Insert rows of plain columns and return them; all dicts have the same keys.

    No default, computed field or Python constraint runs: the caller gives every value, and
    the database keeps the keys. Needs the right to create, as ``create`` does.
    """
    model.check_access("create")
    if not vals_list:
        return model.browse()
    if model._log_access:
        log = {"create_uid": model.env.uid, "write_uid": model.env.uid, "create_date": model.env.cr.now(), "write_date": model.env.cr.now()}
        vals_list = [{**vals, **log} for vals in vals_list]
    columns = [model._fields[name] for name in vals_list[0]]
    rows = model.env.execute_query(SQL(
        "INSERT INTO %s (%s) VALUES %s RETURNING id",
        SQL.identifier(model._table), SQL(", ").join(SQL.identifier(field.name) for field in columns),
        SQL(", ").join(tuple(field.convert_to_column(vals[field.name], model) for field in columns) for vals in vals_list)))
    for field in columns:  # lists on the other side that were read before
        for inverse in model.pool.field_inverses[field]:
            model.env[inverse.model_name].invalidate_model([inverse.name], flush=False)
    return model.browse([row[0] for row in rows])
