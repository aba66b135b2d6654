"""Databases: a template with Odoo's modules and assets, and clones of it that belong to this checkout.

Installing the dependencies and building the assets takes minutes; cloning a database and its filestore takes seconds.
"""
import os
import shutil

from . import cluster, provision, server
from .paths import DevError, checkout_id, locked, say, short_hash

MODULES = ("account", "account_payment", "sale", "sms", "portal", "resource", "privacy_lookup", "spreadsheet_dashboard",
           "payment_demo", "account_qr_code_sepa")
RECIPE = 1  # raise it when the template is made differently
PREPARE = """
company = env.ref('base.main_company')
if not company.chart_template:
    env['account.chart.template'].try_loading('generic_coa', company=company, install_demo=False)
env.cr.commit()
env['ir.qweb']._pregenerate_assets_bundles()
env.cr.commit()
"""


def _filestore(name):
    return server.data_dir() / "filestore" / name


def exists(name):
    """Whether the database is there."""
    return bool(cluster.server().psql(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))


def names(prefix):
    """The databases whose names start with the prefix."""
    rows = cluster.server().psql(f"SELECT datname FROM pg_database WHERE datname LIKE '{prefix}%' ORDER BY 1")
    return rows.split("\n") if rows else []


def drop(name):
    """Drop a database, whoever is connected to it, and its filestore."""
    cluster.server().psql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(_filestore(name), ignore_errors=True)


def rename(old, new):
    """Give a database and its filestore another name."""
    _disconnect(old)
    cluster.server().psql(f'ALTER DATABASE "{old}" RENAME TO "{new}"')
    if _filestore(old).exists():
        shutil.rmtree(_filestore(new), ignore_errors=True)
        _filestore(old).rename(_filestore(new))


def _disconnect(name):
    cluster.server().psql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")


def copy(source, name):
    """Clone a database and its filestore under a new name; an old database of that name goes."""
    drop(name)
    _disconnect(source)
    pg = cluster.server()
    version = int(pg.psql("SHOW server_version_num"))
    strategy = " STRATEGY file_copy" if version >= 150000 else ""
    pg.psql(f'CREATE DATABASE "{name}" TEMPLATE "{source}"{strategy}')
    if _filestore(source).exists():  # hard links: Odoo never changes a stored file in place
        shutil.copytree(_filestore(source), _filestore(name), copy_function=os.link)
    return name


def template(demo=False):
    """The name of the template database, made when missing (without demo data for tests, with it for the demo)."""
    version = short_hash(provision.environment().version(), *MODULES, PREPARE, RECIPE)
    name = f"acc_tpl{'demo' if demo else ''}_{version}"
    if not exists(name):
        with locked("template"):
            if not exists(name):
                _build_template(name, demo)
    return name


def _build_template(name, demo):
    say(f"building the template database {'with' if demo else 'without'} demo data (one to four minutes, once)")
    part = f"{name}_part"
    drop(part)
    args = ["-i", ",".join(MODULES), "--stop-after-init", "--no-http", *(["--with-demo"] if demo else [])]
    install(part, args, log=name)
    say("building the web assets in it")
    if server.run_code(part, PREPARE, log=name + "_assets"):
        raise DevError(f"the template's assets failed; see {server.log_path(name + '_assets')}")
    rename(part, name)
    cluster.server().psql("VACUUM ANALYZE", db=name)


def install(db, args, log):
    """Run an installing Odoo on db; raises with the log's first errors when it failed or logged an error."""
    code, path = server.run_odoo(args, db, log=log)
    errors = server.error_lines(path)
    if code or errors:
        shown = "\n".join((errors or server.tail(path))[:80])
        raise DevError(f"installation failed (exit code {code}), full log {path}\n{shown}")


def carry_assets(source, target):
    """Hand the web bundles of one database to another; Odoo takes one only if the hash of its sources, in its
    address, still fits, so that a change in Python costs no new build."""
    columns = "name,type,url,store_fname,file_size,checksum,mimetype,public,res_model,res_id,create_uid,create_date"
    pg = cluster.server()
    rows = pg.psql(f"COPY (SELECT {columns} FROM ir_attachment WHERE url LIKE '/web/assets/%') TO STDOUT", db=source)
    script = (f"CREATE TEMP TABLE carried AS SELECT {columns} FROM ir_attachment LIMIT 0;\n"
              f"COPY carried FROM STDIN;\n{rows}\n\\.\n"
              f"INSERT INTO ir_attachment ({columns}) SELECT {columns} FROM carried c"
              " WHERE NOT EXISTS (SELECT 1 FROM ir_attachment a WHERE a.url = c.url) RETURNING store_fname;\n")
    for stored in pg.psql_script(script, target).split():
        file = _filestore(target) / stored
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            os.link(_filestore(source) / stored, file)


def is_installed(db, module):
    """Whether a module is installed in a database."""
    sql = f"SELECT 1 FROM ir_module_module WHERE name = '{module}' AND state IN ('installed', 'to upgrade')"
    return bool(cluster.server().psql(sql, db=db))


def clone(name, demo=False):
    """A fresh clone of the template for this checkout; `name` is the short one, the database's name is returned."""
    full = full_name(name)
    copy(template(demo), full)
    return full


def full_name(name):
    """The name of one of this checkout's databases."""
    return name if name.startswith("acc_") else f"acc_{checkout_id()}_{name}"


def drop_all():
    """Drop all databases of this checkout."""
    for name in names(f"acc\\_{checkout_id()}\\_"):
        drop(name)
